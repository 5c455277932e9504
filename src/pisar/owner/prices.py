"""Yandex Cloud's prices and free allowances, all in this one place.

Roubles with 22 % VAT, Russia region, valid from VALID_FROM, as third parties quote Yandex Cloud's price pages (SOURCE): compare them before
you rely on them. The queue's price is not known. A price's name says what it is for; allowances are per month and billing account.
"""

from datetime import date

VALID_FROM = date(2026, 5, 1)
SOURCE = "Yandex Cloud's price pages"

CONTAINER_RUB_PER_VCPU_HOUR = 5.69
CONTAINER_RUB_PER_GB_HOUR = 3.79
CONTAINER_RUB_PER_MILLION_CALLS = 18.97
CONTAINER_FREE_VCPU_HOURS = 5.0
CONTAINER_FREE_GB_HOURS = 10.0
CONTAINER_FREE_CALLS = 1_000_000

FUNCTION_RUB_PER_GB_HOUR = 6.48
FUNCTION_RUB_PER_MILLION_CALLS = 18.97
FUNCTION_FREE_GB_HOURS = 10.0
FUNCTION_FREE_CALLS = 1_000_000

GATEWAY_RUB_PER_MILLION_REQUESTS = 142.3
GATEWAY_FREE_REQUESTS = 100_000

STORAGE_RUB_PER_GB_MONTH = 2.38
STORAGE_RUB_PER_THOUSAND_PUTS = 0.5692
STORAGE_RUB_PER_TEN_THOUSAND_GETS = 0.46
STORAGE_FREE_GB = 1.0
STORAGE_FREE_PUTS = 10_000
STORAGE_FREE_GETS = 100_000

QUEUE_FREE_REQUESTS = 100_000

LOGGING_RUB_PER_GIB_WRITTEN = 25.55
LOGGING_FREE_GIB_WRITTEN = 5.0

LOCKBOX_RUB_PER_VERSION_MONTH = 19.7
REGISTRY_RUB_PER_GB_MONTH = 3.29

SPEECHKIT_BLOCK_SECONDS = 15
SPEECHKIT_SYNC_RUB_PER_BLOCK = 0.1626
"""Every block begun is billed whole."""
SPEECHKIT_DEFERRED_RUB_PER_BLOCK = 0.0381
"""At least one block is billed, after it each second by itself. The text comes later, not while the caller waits."""
