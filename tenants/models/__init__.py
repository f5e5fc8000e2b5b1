"""Who: users, stores (tenants), and which user is what in which store."""

from tenants.models.audit import AuditEntry
from tenants.models.keys import ApiKey, IdempotentAnswer
from tenants.models.mail import AccountMail
from tenants.models.people import (
    RecoveryCode,
    SignIn,
    SignInFailure,
    TwoFactor,
    User,
    UserManager,
)
from tenants.models.stores import (
    SHOP_DOMAIN,
    Invitation,
    Membership,
    RightException,
    Tenant,
    TenantGroupPermission,
    TenantUserPermission,
    check_timezone,
)

__all__ = [
    "SHOP_DOMAIN",
    "AccountMail",
    "ApiKey",
    "AuditEntry",
    "IdempotentAnswer",
    "Invitation",
    "Membership",
    "RecoveryCode",
    "RightException",
    "SignIn",
    "SignInFailure",
    "Tenant",
    "TenantGroupPermission",
    "TenantUserPermission",
    "TwoFactor",
    "User",
    "UserManager",
    "check_timezone",
]
