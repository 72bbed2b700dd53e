//! Who may do what: each right, the roles that hold it, and the communes they hold it for.

use crate::domain::{CommuneCode, Grant, Role};

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Read drafts with their evidence and log.
    Read,
    /// Say that an alarm was seen.
    SeeAlarm,
    /// Amend, approve, reject, withdraw.
    Review,
    /// Give the last word on a class that needs two persons.
    SignLast,
    /// Read the log of everybody, and who holds which role.
    Manage,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 5] =
        [Self::Read, Self::SeeAlarm, Self::Review, Self::SignLast, Self::Manage];

    /// Returns whether a role holds it. What is not written here is denied.
    #[must_use]
    pub const fn held_by(self, role: Role) -> bool {
        match self {
            Self::Read => !matches!(role, Role::Device),
            Self::SeeAlarm => matches!(role, Role::Collector | Role::Agronomist | Role::Approver),
            Self::Review => matches!(role, Role::Agronomist | Role::Approver),
            Self::SignLast => matches!(role, Role::Approver),
            Self::Manage => matches!(role, Role::Admin),
        }
    }

    /// Returns whether a script's token may use it: what is decided is decided by a person.
    #[must_use]
    pub const fn for_scripts(self) -> bool {
        matches!(self, Self::Read | Self::SeeAlarm)
    }
}

/// Who stands before the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Sign-in name.
    pub name: String,
    /// The roles held, and where.
    pub grants: Vec<Grant>,
    /// The word this session's forms must carry; a script's token has none.
    pub form_word: Option<String>,
    /// What is kept of the session or token.
    pub pass: String,
}

impl Who {
    /// Returns whether this is a script.
    #[must_use]
    pub const fn is_script(&self) -> bool {
        self.form_word.is_none()
    }

    /// Returns whether a right is held for a commune.
    #[must_use]
    pub fn may(&self, right: Right, commune: &CommuneCode) -> bool {
        self.held(right).any(|grant| grant.scope.covers(commune))
    }

    /// Returns whether a right is held for some commune at least.
    #[must_use]
    pub fn may_somewhere(&self, right: Right) -> bool {
        self.held(right).next().is_some()
    }

    fn held(&self, right: Right) -> impl Iterator<Item = &Grant> {
        let closed = self.is_script() && !right.for_scripts();
        self.grants.iter().filter(move |grant| !closed && right.held_by(grant.role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(grant: &str, script: bool) -> Who {
        let (role, scope) = grant.split_once('@').unwrap();
        let grants = vec![Grant { role: role.parse().unwrap(), scope: scope.parse().unwrap() }];
        let form_word = (!script).then(|| "word".to_owned());
        Who { name: "lan".into(), grants, form_word, pass: String::new() }
    }

    #[test]
    fn the_table_of_roles_and_rights_is_exactly_this() {
        let held = |role: Role| -> Vec<Right> {
            Right::ALL.into_iter().filter(|right| right.held_by(role)).collect()
        };
        use Right::{Manage, Read, Review, SeeAlarm, SignLast};
        assert_eq!(held(Role::Reader), [Read]);
        assert_eq!(held(Role::Collector), [Read, SeeAlarm]);
        assert_eq!(held(Role::Agronomist), [Read, SeeAlarm, Review]);
        assert_eq!(held(Role::Approver), [Read, SeeAlarm, Review, SignLast]);
        assert_eq!(held(Role::Admin), [Read, Manage]);
        assert_eq!(held(Role::Device), []);
    }

    #[test]
    fn a_role_ends_at_the_border_of_its_commune() {
        let (own, foreign) = ("28756".parse().unwrap(), "28777".parse().unwrap());
        let lan = who("agronomist@28756", false);
        assert!(lan.may(Right::Review, &own) && !lan.may(Right::Review, &foreign));
        assert!(who("agronomist@*", false).may(Right::Review, &foreign));
    }

    #[test]
    fn a_script_decides_nothing_whatever_its_account_may() {
        let script = who("approver@*", true);
        assert!(script.may_somewhere(Right::Read) && script.may_somewhere(Right::SeeAlarm));
        for right in [Right::Review, Right::SignLast, Right::Manage] {
            assert!(!script.may_somewhere(right), "{right:?}");
        }
    }
}
