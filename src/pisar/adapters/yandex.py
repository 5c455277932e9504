"""Yandex Cloud's control plane behind port Deployment, through the `yandexcloud` SDK. Nothing is ever changed.

The token is an IAM token (it begins with "t1.") or a person's OAuth token; it is never shown. Every call has a deadline, and its
errors become Unavailable, or Misconfigured where asking again would not help.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc
from yandex.cloud.access.access_pb2 import ListAccessBindingsRequest
from yandex.cloud.iam.v1.service_account_service_pb2 import ListServiceAccountsRequest
from yandex.cloud.iam.v1.service_account_service_pb2_grpc import ServiceAccountServiceStub
from yandex.cloud.lockbox.v1.secret_pb2 import Secret as PbSecret
from yandex.cloud.lockbox.v1.secret_pb2 import Version as PbSecretVersion
from yandex.cloud.lockbox.v1.secret_service_pb2 import ListSecretsRequest
from yandex.cloud.lockbox.v1.secret_service_pb2_grpc import SecretServiceStub
from yandex.cloud.quotamanager.v1.quota_limit_service_pb2 import GetQuotaLimitRequest
from yandex.cloud.quotamanager.v1.quota_limit_service_pb2_grpc import QuotaLimitServiceStub
from yandex.cloud.quotamanager.v1.resource_pb2 import Resource
from yandex.cloud.resourcemanager.v1.folder_service_pb2 import GetFolderRequest
from yandex.cloud.resourcemanager.v1.folder_service_pb2_grpc import FolderServiceStub
from yandex.cloud.serverless.apigateway.v1.apigateway_pb2 import ApiGateway
from yandex.cloud.serverless.apigateway.v1.apigateway_service_pb2 import ListApiGatewayRequest
from yandex.cloud.serverless.apigateway.v1.apigateway_service_pb2_grpc import ApiGatewayServiceStub
from yandex.cloud.serverless.containers.v1.container_pb2 import Container, Revision
from yandex.cloud.serverless.containers.v1.container_service_pb2 import ListContainersRequest, ListContainersRevisionsRequest
from yandex.cloud.serverless.containers.v1.container_service_pb2_grpc import ContainerServiceStub
from yandex.cloud.serverless.functions.v1.function_pb2 import Function
from yandex.cloud.serverless.functions.v1.function_pb2 import Version as PbVersion
from yandex.cloud.serverless.functions.v1.function_service_pb2 import ListFunctionsRequest, ListFunctionsVersionsRequest
from yandex.cloud.serverless.functions.v1.function_service_pb2_grpc import FunctionServiceStub
from yandex.cloud.serverless.triggers.v1.trigger_pb2 import Trigger as PbTrigger
from yandex.cloud.serverless.triggers.v1.trigger_service_pb2 import ListTriggersRequest
from yandex.cloud.serverless.triggers.v1.trigger_service_pb2_grpc import TriggerServiceStub
from yandex.cloud.storage.v1.bucket_service_pb2 import GetBucketRequest
from yandex.cloud.storage.v1.bucket_service_pb2_grpc import BucketServiceStub
from yandexcloud import SDK

from pisar.domain.deployments import ACTIVE, Bucket, Deployable, Gateway, Quota, Secret, Trigger, Version
from pisar.errors import Misconfigured, Missing, Unavailable

if TYPE_CHECKING:
    from yandex.cloud.access.access_pb2 import AccessBinding

SYSTEM = "Yandex Cloud"
ENDPOINT = "api.cloud.yandex.net:443"
TIMEOUT_SECONDS = 20.0
PAGE_SIZE = 100

INVOKERS = frozenset(
    {
        "functions.functionInvoker",
        "serverless.functions.invoker",
        "serverless-containers.containerInvoker",
        "serverless.containers.invoker",
    }
)
"""The roles that let call, by their names of today and those before."""

_HOPELESS: dict[grpc.StatusCode, str] = {
    grpc.StatusCode.UNAUTHENTICATED: 'does not know the token; a new one: export YC_TOKEN="$(yc iam create-token)"',
    grpc.StatusCode.PERMISSION_DENIED: "does not let this token look; it takes the role viewer on the folder",
    grpc.StatusCode.INVALID_ARGUMENT: "does not understand the question; is YC_FOLDER_ID right?",
    grpc.StatusCode.UNIMPLEMENTED: "does not know the question; is YC_ENDPOINT right?",
}


class YandexDeployment:
    """The deployment in one folder. `root_certificates`: PEM of who vouches for the endpoint, gRPC's own if None."""

    def __init__(self, folder_id: str, token: str, *, endpoint: str = ENDPOINT, root_certificates: bytes | None = None) -> None:
        self._folder_id = folder_id
        iam = token.startswith("t1.")
        self._sdk = SDK(
            endpoint=endpoint,
            root_certificates=root_certificates,
            iam_token=token if iam else None,
            token=None if iam else token,
        )

    def accounts(self) -> dict[str, str]:
        """Return the service accounts' ids by name."""
        stub = self._client(ServiceAccountServiceStub)
        request = ListServiceAccountsRequest(folder_id=self._folder_id, page_size=PAGE_SIZE)
        return {account.name: account.id for account in _pages(stub.List, request, "service_accounts")}

    def folder_roles(self) -> set[tuple[str, str]]:
        """Return who holds what on the folder: pairs of role and member."""
        return {(one.role_id, one.subject.id) for one in self._bindings(FolderServiceStub, self._folder_id)}

    def functions(self) -> dict[str, Deployable]:
        """Return the functions by name."""
        stub = self._client(FunctionServiceStub)
        request = ListFunctionsRequest(folder_id=self._folder_id, page_size=PAGE_SIZE)
        return {
            one.name: Deployable(
                id=one.id,
                status=_word(Function.Status.Name(one.status)),
                version=self._newest_version(stub, one.id),
                callers=self._callers(FunctionServiceStub, one.id),
            )
            for one in _pages(stub.List, request, "functions")
        }

    def containers(self) -> dict[str, Deployable]:
        """Return the containers by name."""
        stub = self._client(ContainerServiceStub)
        request = ListContainersRequest(folder_id=self._folder_id, page_size=PAGE_SIZE)
        return {
            one.name: Deployable(
                id=one.id,
                status=_word(Container.Status.Name(one.status)),
                version=self._newest_revision(stub, one.id),
                callers=self._callers(ContainerServiceStub, one.id),
            )
            for one in _pages(stub.List, request, "containers")
        }

    def triggers(self) -> dict[str, Trigger]:
        """Return the triggers by name."""
        stub = self._client(TriggerServiceStub)
        request = ListTriggersRequest(folder_id=self._folder_id, page_size=PAGE_SIZE)
        return {
            one.name: Trigger(id=one.id, status=_word(PbTrigger.Status.Name(one.status)), calls=_called_by(one))
            for one in _pages(stub.List, request, "triggers")
        }

    def gateways(self) -> dict[str, Gateway]:
        """Return the API gateways by name."""
        stub = self._client(ApiGatewayServiceStub)
        request = ListApiGatewayRequest(folder_id=self._folder_id, page_size=PAGE_SIZE)
        return {
            one.name: Gateway(
                id=one.id,
                status=_word(ApiGateway.Status.Name(one.status)),
                domains=(one.domain, *(attached.domain for attached in one.attached_domains)),
            )
            for one in _pages(stub.List, request, "api_gateways")
        }

    def secrets(self) -> dict[str, Secret]:
        """Return the secrets by name, never what is in them."""
        stub = self._client(SecretServiceStub)
        request = ListSecretsRequest(folder_id=self._folder_id, page_size=PAGE_SIZE)
        return {
            one.name: Secret(
                id=one.id,
                status=_word(PbSecret.Status.Name(one.status)),
                version_status=_word(PbSecretVersion.Status.Name(one.current_version.status)) if one.HasField("current_version") else None,
            )
            for one in _pages(stub.List, request, "secrets")
        }

    def bucket(self, name: str) -> Bucket:
        """Return a bucket's rules; raise Missing."""
        with _our_errors():
            one = self._client(BucketServiceStub).Get(GetBucketRequest(name=name, view=GetBucketRequest.VIEW_FULL), timeout=TIMEOUT_SECONDS)
        flags = one.anonymous_access_flags
        return Bucket(
            public=flags.read.value or flags.list.value or flags.config_read.value,
            encrypted=any(rule.kms_master_key_id for rule in one.encryption.rules),
            expiring=frozenset(rule.filter.prefix for rule in one.lifecycle_rules if rule.enabled and rule.HasField("expiration")),
        )

    def quota(self, which: Quota) -> float:
        """Return a quota of the folder's cloud: cores, bytes, instances or requests."""
        with _our_errors():
            folder = self._client(FolderServiceStub).Get(GetFolderRequest(folder_id=self._folder_id), timeout=TIMEOUT_SECONDS)
            cloud = Resource(id=folder.cloud_id, type="resource-manager.cloud")
            limit = self._client(QuotaLimitServiceStub).Get(
                GetQuotaLimitRequest(resource=cloud, quota_id=which.value), timeout=TIMEOUT_SECONDS
            )
        return float(limit.limit.value)

    def _newest_version(self, stub: FunctionServiceStub, function_id: str) -> Version | None:
        request = ListFunctionsVersionsRequest(function_id=function_id, page_size=PAGE_SIZE)
        versions = list(_pages(stub.ListVersions, request, "versions"))
        if not versions:
            return None
        newest = _newest(versions, lambda one: PbVersion.Status.Name(one.status))
        return Version(
            status=_word(PbVersion.Status.Name(newest.status)),
            timeout_seconds=newest.execution_timeout.ToTimedelta().total_seconds(),
            memory=newest.resources.memory,
        )

    def _newest_revision(self, stub: ContainerServiceStub, container_id: str) -> Version | None:
        request = ListContainersRevisionsRequest(container_id=container_id, page_size=PAGE_SIZE)
        revisions = list(_pages(stub.ListRevisions, request, "revisions"))
        if not revisions:
            return None
        newest = _newest(revisions, lambda one: Revision.Status.Name(one.status))
        return Version(
            status=_word(Revision.Status.Name(newest.status)),
            timeout_seconds=newest.execution_timeout.ToTimedelta().total_seconds(),
            memory=newest.resources.memory,
            cores=newest.resources.cores,
        )

    def _callers(self, stub: Any, resource_id: str) -> frozenset[str]:
        return frozenset(one.subject.id for one in self._bindings(stub, resource_id) if one.role_id in INVOKERS)

    def _bindings(self, stub: Any, resource_id: str) -> "list[AccessBinding]":
        request = ListAccessBindingsRequest(resource_id=resource_id, page_size=PAGE_SIZE)
        return list(_pages(self._client(stub).ListAccessBindings, request, "access_bindings"))

    def _client(self, stub: Any) -> Any:
        with _our_errors():  # the first client asks the endpoint where the services are
            return self._sdk.client(stub)


def _called_by(trigger: Any) -> str:
    """Return the id of the function or the container that a trigger calls, "" where it calls neither."""
    rule = getattr(trigger.rule, trigger.rule.WhichOneof("rule") or "timer")
    action = getattr(rule, rule.WhichOneof("action") or "", None)
    return getattr(action, "function_id", "") or getattr(action, "container_id", "")


def _newest(versions: list[Any], status: Callable[[Any], str]) -> Any:
    """Return the version at work, or the last one made where none is: a refused one leaves that before it at work."""
    versions.sort(key=lambda one: one.created_at.ToMicroseconds())
    return next((one for one in reversed(versions) if _word(status(one)) == ACTIVE), versions[-1])


def _word(status: str) -> str:
    return status.lower().replace("_", " ")


def _pages(call: Any, request: Any, field: str) -> Iterator[Any]:
    while True:
        with _our_errors():
            answer = call(request, timeout=TIMEOUT_SECONDS)
        yield from getattr(answer, field)
        if not answer.next_page_token:
            return
        request.page_token = answer.next_page_token


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as error:
        code = error.code()
        if code is grpc.StatusCode.NOT_FOUND:
            raise Missing(f"{SYSTEM} knows no such thing") from None
        if hopeless := _HOPELESS.get(code):
            raise Misconfigured(f"{SYSTEM} {hopeless}") from None
        # What it says may quote the request; the code is enough.
        raise Unavailable(f"{SYSTEM} answered {code.name}") from None
    except RuntimeError as error:  # the SDK's own: the endpoint names no such service
        raise Misconfigured(f"{SYSTEM}: {error}; is YC_ENDPOINT right?") from None
