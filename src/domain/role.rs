//! Who may do what for the province: a role, and the communes it is held for.

use std::fmt;
use std::str::FromStr;

use super::place::{CommuneCode, PlaceError};

/// What a person, a script or a device is to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads drafts, evidence and logs.
    Reader,
    /// Reports from the field, and says that an alarm was seen.
    Collector,
    /// Reviews drafts: amends, approves, rejects, withdraws.
    Agronomist,
    /// As an agronomist, and gives the last word on the emergency class.
    Approver,
    /// Gives roles and reads the whole log; reviews nothing by this role.
    Admin,
    /// A machine that hands in readings; it reads nothing.
    Device,
}

impl Role {
    /// Every role, in the order of the list above.
    pub const ALL: [Self; 6] = [
        Self::Reader,
        Self::Collector,
        Self::Agronomist,
        Self::Approver,
        Self::Admin,
        Self::Device,
    ];

    /// Returns the name used in the record store and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Collector => "collector",
            Self::Agronomist => "agronomist",
            Self::Approver => "approver",
            Self::Admin => "admin",
            Self::Device => "device",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A role or scope that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// Not a role.
    #[error(
        "role {given:?} is unknown (allowed: reader, collector, agronomist, approver, admin, device)"
    )]
    Role {
        /// The text as given.
        given: String,
    },
    /// Neither `*` nor a commune.
    #[error(transparent)]
    Scope(#[from] PlaceError),
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| RoleError::Role { given: text.to_owned() })
    }
}

/// Where a role is held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In the whole province.
    Everywhere,
    /// In one commune.
    Commune(CommuneCode),
}

impl Scope {
    /// Returns whether it holds in this commune.
    #[must_use]
    pub fn covers(&self, commune: &CommuneCode) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Commune(own) => own == commune,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str("*"),
            Self::Commune(code) => code.fmt(f),
        }
    }
}

impl FromStr for Scope {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        if text == "*" { Ok(Self::Everywhere) } else { Ok(Self::Commune(text.parse()?)) }
    }
}

/// A role held somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.role, self.scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_its_own_commune_only() {
        let own: Scope = "28756".parse().unwrap();
        assert!(own.covers(&"28756".parse().unwrap()));
        assert!(!own.covers(&"28777".parse().unwrap()));
        assert!("*".parse::<Scope>().unwrap().covers(&"28777".parse().unwrap()));
        assert!("all".parse::<Scope>().is_err());
    }

    #[test]
    fn roles_are_known_by_their_names_only() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), role);
        }
        assert!("Admin".parse::<Role>().unwrap_err().to_string().contains("allowed: reader"));
    }
}
