"""Yandex Cloud's control plane with one healthy deployment, over TLS, by the SDK's own service definitions.

Its state is the cloud's own messages; a test spoils them. Lists come in pages of two, whatever was asked for.
"""

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import trustme
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BoolValue, DoubleValue, Int64Value
from yandex.cloud.access.access_pb2 import AccessBinding, ListAccessBindingsResponse, Subject
from yandex.cloud.endpoint import api_endpoint_service_pb2_grpc as endpoint_rpc
from yandex.cloud.endpoint.api_endpoint_pb2 import ApiEndpoint
from yandex.cloud.endpoint.api_endpoint_service_pb2 import ListApiEndpointsResponse
from yandex.cloud.iam.v1 import service_account_service_pb2_grpc as iam_rpc
from yandex.cloud.iam.v1.service_account_pb2 import ServiceAccount
from yandex.cloud.iam.v1.service_account_service_pb2 import ListServiceAccountsResponse
from yandex.cloud.lockbox.v1 import secret_service_pb2_grpc as lockbox_rpc
from yandex.cloud.lockbox.v1.secret_pb2 import Secret
from yandex.cloud.lockbox.v1.secret_pb2 import Version as SecretVersion
from yandex.cloud.lockbox.v1.secret_service_pb2 import ListSecretsResponse
from yandex.cloud.quotamanager.v1 import quota_limit_service_pb2_grpc as quota_rpc
from yandex.cloud.quotamanager.v1.quota_limit_service_pb2 import QuotaLimit
from yandex.cloud.resourcemanager.v1 import folder_service_pb2_grpc as folder_rpc
from yandex.cloud.resourcemanager.v1.folder_pb2 import Folder
from yandex.cloud.serverless.apigateway.v1 import apigateway_service_pb2_grpc as gateway_rpc
from yandex.cloud.serverless.apigateway.v1.apigateway_pb2 import ApiGateway
from yandex.cloud.serverless.apigateway.v1.apigateway_service_pb2 import ListApiGatewayResponse
from yandex.cloud.serverless.containers.v1 import container_service_pb2_grpc as container_rpc
from yandex.cloud.serverless.containers.v1.container_pb2 import Container, Revision
from yandex.cloud.serverless.containers.v1.container_pb2 import Resources as ContainerResources
from yandex.cloud.serverless.containers.v1.container_service_pb2 import ListContainersResponse, ListContainersRevisionsResponse
from yandex.cloud.serverless.functions.v1 import function_service_pb2_grpc as function_rpc
from yandex.cloud.serverless.functions.v1.function_pb2 import Function, Resources, Version
from yandex.cloud.serverless.functions.v1.function_service_pb2 import ListFunctionsResponse, ListFunctionsVersionsResponse
from yandex.cloud.serverless.triggers.v1 import trigger_service_pb2_grpc as trigger_rpc
from yandex.cloud.serverless.triggers.v1.trigger_pb2 import InvokeContainerOnce, InvokeFunctionOnce, InvokeFunctionWithRetry, Trigger
from yandex.cloud.serverless.triggers.v1.trigger_service_pb2 import ListTriggersResponse
from yandex.cloud.storage.v1 import bucket_service_pb2_grpc as bucket_rpc
from yandex.cloud.storage.v1.bucket_pb2 import AnonymousAccessFlags, Bucket, Encryption, LifecycleRule

FOLDER, CLOUD, TOKEN = "b1gfolder", "b1gcloud", "t1.made_up_for_tests"
PAGE = 2
SERVICES = ("endpoint", "iam", "lockbox", "quota-manager", "resource-manager", "serverless-apigateway", "serverless-containers",
            "serverless-functions", "serverless-triggers", "storage-api")  # fmt: skip
FUNCTIONS = ("pisar-authorizer", "pisar-callbacks", "pisar-dead-letters", "pisar-jobs", "pisar-uploads", "pisar-webhook")
WRITERS = ("pisar-callbacks", "pisar-dead-letters", "pisar-jobs", "pisar-owner", "pisar-transcriber", "pisar-triggers", "pisar-uploads",
           "pisar-webhook")  # fmt: skip
TIDIED = (
    "audio/",
    "awaited/",
    "cache/",
    "corrections/",
    "dropped/",
    "heard/",
    "incoming/",
    "jobs/",
    "knocks/",
    "line/",
    "owned/",
    "parts/",
    "rates/",
    "said/",
    "shares/",
    "texts/",
    "usage/",
)


class YandexCloud:
    """The cloud, listening on `endpoint` until closed; `authority` vouches for it."""

    def __init__(self, bucket: str) -> None:
        accounts = {*WRITERS, "pisar-gateway", "pisar-queue-maker", "pisar-authorizer"}
        self.accounts = [ServiceAccount(id=f"id-{name}", folder_id=FOLDER, name=name) for name in sorted(accounts)]
        self.bindings: dict[str, list[AccessBinding]] = defaultdict(list)
        for account in WRITERS:
            self.bind(FOLDER, "ymq.writer", account)
        self.bind(FOLDER, "ymq.reader", "pisar-triggers")
        self.bind(FOLDER, "ymq.admin", "pisar-queue-maker")
        self.bind(FOLDER, "monitoring.editor", "pisar-transcriber")
        self.bindings[FOLDER].append(AccessBinding(role_id="admin", subject=Subject(id="the-owner", type="userAccount")))

        self.functions = [Function(id=f"fn-{name}", folder_id=FOLDER, name=name, status=Function.ACTIVE) for name in FUNCTIONS]
        self.versions = {function.id: [_version(2, Version.ACTIVE), _version(1, Version.OBSOLETE)] for function in self.functions}
        for name in ("pisar-authorizer", "pisar-jobs", "pisar-webhook"):
            self.bind(f"fn-{name}", "functions.functionInvoker", "pisar-gateway")
        for name in ("pisar-callbacks", "pisar-dead-letters", "pisar-uploads"):
            self.bind(f"fn-{name}", "functions.functionInvoker", "pisar-triggers")

        self.containers = [Container(id="ct-transcriber", folder_id=FOLDER, name="pisar-transcriber", status=Container.ACTIVE)]
        self.revisions = {"ct-transcriber": [_revision(2, Revision.ACTIVE), _revision(1, Revision.OBSOLETE)]}
        for account in ("pisar-gateway", "pisar-triggers"):
            self.bind("ct-transcriber", "serverless-containers.containerInvoker", account)

        self.triggers = [
            _queue_trigger("pisar-transcriber", invoke_container=InvokeContainerOnce(container_id="ct-transcriber", path="/queue")),
            _queue_trigger("pisar-callbacks", invoke_function=InvokeFunctionOnce(function_id="fn-pisar-callbacks")),
            _queue_trigger("pisar-dead-letters", invoke_function=InvokeFunctionOnce(function_id="fn-pisar-dead-letters")),
            _bucket_trigger("pisar-uploads"),
            _bucket_trigger("pisar-incoming"),
        ]
        self.gateways = [ApiGateway(id="gw", folder_id=FOLDER, name="pisar", status=ApiGateway.ACTIVE, domain="gw.apigw.example")]
        self.secrets = [
            Secret(id=f"sec-{name}", name=name, status=Secret.ACTIVE, current_version=SecretVersion(status=SecretVersion.ACTIVE))
            for name in ("pisar-bot-token", "pisar-webhook-secret")
        ]
        self.bucket = Bucket(
            name=bucket,
            anonymous_access_flags=AnonymousAccessFlags(read=BoolValue(), list=BoolValue(), config_read=BoolValue()),
            encryption=Encryption(rules=[Encryption.EncryptionRule(kms_master_key_id="key", sse_algorithm="aws:kms")]),
            lifecycle_rules=[_tidying(prefix) for prefix in TIDIED],
        )
        self.quotas = {
            "serverless.containersCpu.count": 10.0,
            "serverless.containersMemory.size": 20.0 * 2**30,
            "serverless.containersInstances.count": 10.0,
            "serverless.containersRequest.count": 10.0,
        }

        self.authority = trustme.CA()
        own = self.authority.issue_cert("localhost")
        self._server = grpc.server(ThreadPoolExecutor(4), interceptors=(_Guard(),))
        chain = b"".join(pem.bytes() for pem in own.cert_chain_pems)
        port = self._server.add_secure_port("localhost:0", grpc.ssl_server_credentials([(own.private_key_pem.bytes(), chain)]))
        self.endpoint = f"localhost:{port}"
        for serve in _SERVED:
            serve(self)(self._server)
        self._server.start()

    def close(self) -> None:
        self._server.stop(0).wait()

    def bind(self, resource: str, role: str, account: str) -> None:
        """Give the account a role on the resource."""
        self.bindings[resource].append(AccessBinding(role_id=role, subject=Subject(id=f"id-{account}", type="serviceAccount")))

    def unbind(self, resource: str, role: str, account: str) -> None:
        """Take the role away."""
        self.bindings[resource] = [one for one in self.bindings[resource] if (one.role_id, one.subject.id) != (role, f"id-{account}")]

    def list_bindings(self, request: Any, context: grpc.ServicerContext) -> ListAccessBindingsResponse:
        return _page(ListAccessBindingsResponse, "access_bindings", self.bindings[request.resource_id], request, context)


class _Guard(grpc.ServerInterceptor):
    """Lets nobody in without the token; where the services are is told to everybody."""

    def intercept_service(self, continuation: Callable[..., Any], details: Any) -> Any:
        shown = dict(details.invocation_metadata).get("authorization")
        if shown == f"Bearer {TOKEN}" or "ApiEndpointService" in details.method:
            return continuation(details)

        def refuse(_request: Any, context: grpc.ServicerContext) -> None:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, f"The token {shown} is invalid")

        return grpc.unary_unary_rpc_method_handler(refuse)


def _page(answer: Any, field: str, all_: list[Any], request: Any, context: grpc.ServicerContext) -> Any:
    if getattr(request, "folder_id", FOLDER) not in (FOLDER, ""):
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "Permission denied")
    begin = int(request.page_token or 0)
    end = begin + PAGE
    return answer(**{field: all_[begin:end], "next_page_token": str(end) if end < len(all_) else ""})


def _at(day: int) -> Timestamp:
    return Timestamp(seconds=1_790_000_000 + day * 86400)


def _version(day: int, status: Any) -> Version:
    return Version(created_at=_at(day), status=status, execution_timeout=Duration(seconds=55), resources=Resources(memory=512 * 2**20))


def _revision(day: int, status: Any) -> Revision:
    resources = ContainerResources(memory=4 * 2**30, cores=2)
    return Revision(created_at=_at(day), status=status, execution_timeout=Duration(seconds=540), resources=resources, concurrency=1)


def _queue_trigger(name: str, **action: Any) -> Trigger:
    rule = Trigger.Rule(message_queue=Trigger.MessageQueue(queue_id=f"yrn:yc:ymq:ru-central1:{FOLDER}:pisar-jobs", **action))
    return Trigger(id=f"tr-{name}", folder_id=FOLDER, name=name, rule=rule, status=Trigger.ACTIVE)


def _bucket_trigger(name: str) -> Trigger:
    action = InvokeFunctionWithRetry(function_id="fn-pisar-uploads")
    rule = Trigger.Rule(object_storage=Trigger.ObjectStorage(bucket_id="pisar", prefix="uploads/", invoke_function=action))
    return Trigger(id=f"tr-{name}", folder_id=FOLDER, name=name, rule=rule, status=Trigger.ACTIVE)


def _tidying(prefix: str) -> LifecycleRule:
    return LifecycleRule(
        enabled=True,
        filter=LifecycleRule.RuleFilter(prefix=prefix),
        expiration=LifecycleRule.Expiration(days=Int64Value(value=2)),
    )


def _endpoints(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Endpoints(endpoint_rpc.ApiEndpointServiceServicer):
        def List(self, _request: Any, _context: Any) -> ListApiEndpointsResponse:
            return ListApiEndpointsResponse(endpoints=[ApiEndpoint(id=one, address=cloud.endpoint) for one in SERVICES])

    return lambda server: endpoint_rpc.add_ApiEndpointServiceServicer_to_server(Endpoints(), server)


def _iam(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Accounts(iam_rpc.ServiceAccountServiceServicer):
        def List(self, request: Any, context: Any) -> Any:
            return _page(ListServiceAccountsResponse, "service_accounts", cloud.accounts, request, context)

    return lambda server: iam_rpc.add_ServiceAccountServiceServicer_to_server(Accounts(), server)


def _folders(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Folders(folder_rpc.FolderServiceServicer):
        def Get(self, _request: Any, _context: Any) -> Folder:
            return Folder(id=FOLDER, cloud_id=CLOUD)

        def ListAccessBindings(self, request: Any, context: Any) -> Any:
            return cloud.list_bindings(request, context)

    return lambda server: folder_rpc.add_FolderServiceServicer_to_server(Folders(), server)


def _functions(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Functions(function_rpc.FunctionServiceServicer):
        def List(self, request: Any, context: Any) -> Any:
            return _page(ListFunctionsResponse, "functions", cloud.functions, request, context)

        def ListVersions(self, request: Any, context: Any) -> Any:
            return _page(ListFunctionsVersionsResponse, "versions", cloud.versions[request.function_id], request, context)

        def ListAccessBindings(self, request: Any, context: Any) -> Any:
            return cloud.list_bindings(request, context)

    return lambda server: function_rpc.add_FunctionServiceServicer_to_server(Functions(), server)


def _containers(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Containers(container_rpc.ContainerServiceServicer):
        def List(self, request: Any, context: Any) -> Any:
            return _page(ListContainersResponse, "containers", cloud.containers, request, context)

        def ListRevisions(self, request: Any, context: Any) -> Any:
            return _page(ListContainersRevisionsResponse, "revisions", cloud.revisions[request.container_id], request, context)

        def ListAccessBindings(self, request: Any, context: Any) -> Any:
            return cloud.list_bindings(request, context)

    return lambda server: container_rpc.add_ContainerServiceServicer_to_server(Containers(), server)


def _triggers(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Triggers(trigger_rpc.TriggerServiceServicer):
        def List(self, request: Any, context: Any) -> Any:
            return _page(ListTriggersResponse, "triggers", cloud.triggers, request, context)

    return lambda server: trigger_rpc.add_TriggerServiceServicer_to_server(Triggers(), server)


def _gateways(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Gateways(gateway_rpc.ApiGatewayServiceServicer):
        def List(self, request: Any, context: Any) -> Any:
            return _page(ListApiGatewayResponse, "api_gateways", cloud.gateways, request, context)

    return lambda server: gateway_rpc.add_ApiGatewayServiceServicer_to_server(Gateways(), server)


def _lockbox(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Secrets(lockbox_rpc.SecretServiceServicer):
        def List(self, request: Any, context: Any) -> Any:
            return _page(ListSecretsResponse, "secrets", cloud.secrets, request, context)

    return lambda server: lockbox_rpc.add_SecretServiceServicer_to_server(Secrets(), server)


def _storage(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Buckets(bucket_rpc.BucketServiceServicer):
        def Get(self, request: Any, context: Any) -> Bucket:
            if request.name != cloud.bucket.name:
                context.abort(grpc.StatusCode.NOT_FOUND, f"Bucket {request.name} not found")
            return cloud.bucket

    return lambda server: bucket_rpc.add_BucketServiceServicer_to_server(Buckets(), server)


def _quota_limits(cloud: YandexCloud) -> Callable[[grpc.Server], None]:
    class Quotas(quota_rpc.QuotaLimitServiceServicer):
        def Get(self, request: Any, context: Any) -> QuotaLimit:
            if (request.resource.id, request.resource.type) != (CLOUD, "resource-manager.cloud"):
                context.abort(grpc.StatusCode.PERMISSION_DENIED, "Permission denied")
            return QuotaLimit(quota_id=request.quota_id, limit=DoubleValue(value=cloud.quotas[request.quota_id]))

    return lambda server: quota_rpc.add_QuotaLimitServiceServicer_to_server(Quotas(), server)


_SERVED = (_endpoints, _iam, _folders, _functions, _containers, _triggers, _gateways, _lockbox, _storage, _quota_limits)
