"""Answers of a forge or another git host: about credentials, permissions, names and requests."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

_REPOSITORY_TROUBLE = (
    at.FAILED,
    at.UPSTREAM_REACHABLE.false,
    at.PERMISSIONS_GRANTED.false,
    at.FORGE_REACHABLE.false,
)
_HOST_TROUBLE = (
    at.FAILED,
    at.UPSTREAM_REACHABLE.false,
    at.PERMISSIONS_GRANTED.unknown,
    at.FORGE_REACHABLE.false,
)

NO_CREDENTIALS = Reason(
    "NoCredentials",
    Kind.PERSON,
    "The sync needs the forge, but the Plan has no `config.github`.",
    "Name a Secret in `config.github.credentials`.",
    shown=(at.FORGE_REACHABLE.false, at.FAILED),
)
CREDENTIALS_MISSING = Reason(
    "CredentialsMissing",
    Kind.PERSON,
    "The GitHub Secret holds neither `token` nor `appId` and `privateKey`.",
    "Add the keys.",
    shown=(at.CREDENTIALS_FOUND.false, at.FORGE_REACHABLE.false, at.FAILED),
)
CREDENTIALS_INVALID = Reason(
    "CredentialsInvalid",
    Kind.PERSON,
    "A key of the GitHub Secret cannot be used: `privateKey` is not a PEM key, `installationId` is "
    "not a number, or `token` is more than one word.",
    "Correct the key that the message names.",
    shown=(at.CREDENTIALS_FOUND.false, at.FORGE_REACHABLE.false, at.FAILED),
)
CREDENTIALS_REFUSED = Reason(
    "CredentialsRefused",
    Kind.PERSON,
    "The host does not accept the token or the App key: it is wrong, expired or revoked.",
    "Put a valid one into the Secret.",
    shown=_REPOSITORY_TROUBLE,
)
SINGLE_SIGN_ON_REQUIRED = Reason(
    "SingleSignOnRequired",
    Kind.PERSON,
    "The organization enforces single sign-on, and the token is not authorized for it.",
    "As the token's owner, authorize the token, at the address in the message if it has one. An App needs no "
    "such authorization.",
    shown=_REPOSITORY_TROUBLE,
)
ADDRESS_NOT_ALLOWED = Reason(
    "AddressNotAllowed",
    Kind.PERSON,
    "The organization has an IP allow list, which lacks the address that the cluster's requests come from.",
    "Add that address to the list.",
    shown=_REPOSITORY_TROUBLE,
)
ACCOUNT_SUSPENDED = Reason(
    "AccountSuspended",
    Kind.PERSON,
    "The host has suspended the account of the token, or the App's installation.",
    "Have it restored, or use other credentials.",
    shown=_REPOSITORY_TROUBLE,
)
REPOSITORY_ARCHIVED = Reason(
    "RepositoryArchived",
    Kind.PERSON,
    "The repository is archived, so nothing can be pushed or opened there.",
    "Unarchive it, or suspend or delete the Plan.",
    shown=_REPOSITORY_TROUBLE,
)
REPOSITORY_MOVED = Reason(
    "RepositoryMoved",
    Kind.PERSON,
    "The repository was renamed or transferred. The message has its new name if the host reports it. Redirects "
    "are not followed, since somebody else may take the old name.",
    "Correct its name in the Plan.",
    shown=_REPOSITORY_TROUBLE,
)
FORBIDDEN = Reason(
    "Forbidden",
    Kind.PERSON,
    "The host forbids reading or pushing. The credentials lack a permission, such as `workflows` for changes of "
    "`.github/workflows`. The message quotes the host.",
    "Grant it to the token or the App.",
    shown=_REPOSITORY_TROUBLE,
)
PERMISSION_MISSING = Reason(
    "PermissionMissing",
    Kind.PERSON,
    "The credentials lack a permission. The message names it and the repository.",
    "Grant it to the token or the App.",
    shown=(at.PERMISSIONS_GRANTED.false, at.FORGE_REACHABLE.false, at.FAILED),
)
REPOSITORY_NOT_FOUND = Reason(
    "RepositoryNotFound",
    Kind.PERSON,
    "The repository does not exist, or the credentials may not see it.",
    "Correct its name in the Plan, or give the credentials access.",
    shown=_REPOSITORY_TROUBLE,
)
BRANCH_NOT_FOUND = Reason(
    "BranchNotFound",
    Kind.PERSON,
    "The repository has no such branch or tag.",
    "Create it, or correct its name in the Plan.",
    shown=(at.FAILED, at.FORGE_REACHABLE.false, at.UPSTREAM_REACHABLE.false),
)
OBJECT_NOT_FOUND = Reason(
    "ObjectNotFound",
    Kind.PERSON,
    "The forge does not know what the message names, or may not show it: a pull request, for example, a "
    "reviewer, or an installation of the App.",
    "Correct its name in the Plan, or give the credentials access. If a pull request is gone for good, delete "
    "the Tag to start over.",
    shown=_REPOSITORY_TROUBLE,
)
PUSH_REFUSED = Reason(
    "PushRefused",
    Kind.PERSON,
    "The host refused the push, and the message ends with its answer. Either a rule covers `resync/`, or "
    "upstream's commits hold something that is not allowed, such as test keys or a large file.",
    "Exempt `resync/**` from the rule, or allow what the message names.",
    shown=(at.FAILED, at.PERMISSIONS_GRANTED.false),
)
REQUEST_REFUSED = Reason(
    "RequestRefused",
    Kind.PERSON,
    "The forge refused a request. The message quotes it.",
    "Change what the forge objects to.",
    shown=(at.FAILED, at.PERMISSIONS_GRANTED.false, at.FORGE_REACHABLE.false),
)

UNREACHABLE = Reason(
    "Unreachable",
    Kind.PASSING,
    "A repository cannot be read or written. The message quotes git.",
    "If it lasts, check the address, and your site's proxy and certificates.",
    shown=_HOST_TROUBLE,
)
FORGE_UNAVAILABLE = Reason(
    "ForgeUnavailable",
    Kind.PASSING,
    "The forge did not answer, had an error of its own, or does not yet show what was just pushed or opened.",
    "If it lasts, look at the forge's status page.",
    shown=_HOST_TROUBLE,
)
RATE_LIMITED = Reason(
    "RateLimited",
    Kind.PASSING,
    "The host limits requests, or new pull requests and comments. resync-argo waits as long as the host says.",
    "If it happens often, use an App of your own: it has its own limit.",
    shown=_HOST_TROUBLE,
)
