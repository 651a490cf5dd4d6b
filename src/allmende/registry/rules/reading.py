"""Decide who may read what is not public: reports in the test suite's form, with what its programs printed."""

from allmende.registry.model.accounts import Account, Role

READS_EVERYTHING = frozenset({Role.ASSESSOR, Role.READ_ANY})


def reads_everything(account: Account) -> bool:
    """Tell whether the account reads the reports of every subject."""
    return bool(account.roles & READS_EVERYTHING)


def may_read(account: Account, subject: str, sender: str) -> bool:
    """Tell whether the account may read a report on this subject, which the account `sender` sent."""
    return account.name == sender or subject in account.subjects or reads_everything(account)
