//! `muavu people`: who may come in, and what they may do where.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::SignedDuration;

use super::{Context, Failure, show};
use crate::domain::{Grant, Role, Scope};
use crate::ops::clock;
use crate::pipeline::{Home, PipelineError};
use crate::publish::doors::oidc::Provider;
use crate::publish::doors::{DoorError, Doors, check_name};
use crate::storage::people::{Note, Person};

/// Add people, give them roles by commune, let them in, shut them out
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  muavu people add lan.nguyen --role agronomist --commune 28756 --commune 28777\n  muavu people link lan.nguyen        # a new one-time link to choose a password by\n  muavu people identity lan.nguyen --subject 3f9a… # sign in by the provider of [oidc]\n  muavu people token station --days 90 # a script's token, shown once"
)]
pub struct People {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List accounts with their roles
    List,
    /// Add an account and print its one-time link
    Add(Roles),
    /// Give an account these roles in place of those it holds
    Role(Roles),
    /// Print a new one-time link to choose a password or give an identity by
    Link {
        /// The account
        name: String,
    },
    /// Let whom the provider of [oidc] knows by this value sign in as the account, or nobody any more
    Identity {
        /// The account
        name: String,
        /// The value of the claim that names the person there
        #[arg(long, value_name = "VALUE", required_unless_present = "remove")]
        subject: Option<String>,
        /// Take the identity away
        #[arg(long, conflicts_with = "subject")]
        remove: bool,
    },
    /// Print a new token for scripts of this account (they read, and acknowledge alarms)
    Token {
        /// The account
        name: String,
        /// What it is for
        #[arg(long, default_value = "", value_name = "TEXT")]
        label: String,
        /// Days until it ends
        #[arg(long, default_value_t = 365, value_name = "N")]
        days: u16,
    },
    /// Shut the doors to an account for good; its log stays
    Disable {
        /// The account
        name: String,
    },
}

#[derive(Debug, Args)]
struct Roles {
    /// Sign-in name
    name: String,
    /// reader, collector, agronomist, approver, admin or device; may be given more than once
    #[arg(long = "role", required = true, value_name = "ROLE")]
    roles: Vec<Role>,
    /// Five-digit code; may be given more than once; without any the roles hold everywhere
    #[arg(long = "commune", value_name = "CODE")]
    communes: Vec<Scope>,
}

impl Roles {
    fn grants(&self) -> Vec<Grant> {
        let everywhere = [Scope::Everywhere];
        let scopes = if self.communes.is_empty() { &everywhere[..] } else { &self.communes };
        let at = |role: Role| scopes.iter().map(move |scope| Grant { role, scope: scope.clone() });
        self.roles.iter().flat_map(|role| at(*role)).collect()
    }
}

impl People {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let home = Home::open(context.home()).await?;
        let (records, doors) = (&home.records, Doors::new(home.records.clone(), clock::now));
        let known = async |name: &str| -> Result<(), Failure> {
            let given = name.to_owned();
            let person = records.person(name).await?;
            person.map(|_| ()).ok_or_else(|| PipelineError::NoAccount { given }.into())
        };
        let (name, done) = match self.what {
            What::List => {
                list(&records.people().await?, &records.issuers().await?);
                return Ok(ExitCode::SUCCESS);
            }
            What::Add(given) => {
                check_name(&given.name)?;
                if !records.add_person(&given.name, clock::now()).await? {
                    return Err(DoorError::Taken { given: given.name }.into());
                }
                records.set_roles(&given.name, &given.grants()).await?;
                invite(context, &doors, &given.name).await?;
                let roles = text(&given.grants());
                (given.name, format!("added the account: {roles}"))
            }
            What::Role(given) => {
                known(&given.name).await?;
                records.set_roles(&given.name, &given.grants()).await?;
                let roles = text(&given.grants());
                (given.name, format!("gave roles: {roles}"))
            }
            What::Link { name } => {
                known(&name).await?;
                invite(context, &doors, &name).await?;
                (name, "made a one-time link".to_owned())
            }
            What::Identity { name, subject, .. } => {
                known(&name).await?;
                let done = identify(context, &home, &name, subject.as_deref()).await?;
                (name, done)
            }
            What::Token { name, label, days } => {
                known(&name).await?;
                let lasts = SignedDuration::from_hours(24 * i64::from(days));
                println!("{}", doors.script_token(&name, &label, lasts).await?.expose());
                context.say("shown once; send it as `Authorization: Bearer …`");
                (name, format!("made a token: {label}"))
            }
            What::Disable { name } => {
                known(&name).await?;
                records.disable_person(&name, clock::now()).await?;
                context.say(format!("{name} is shut out; sessions and tokens are ended"));
                (name, "shut the account".to_owned())
            }
        };
        let (who, what) = ("command line".to_owned(), done);
        let note = Note { at: clock::now(), who, what, about: name, detail: String::new() };
        records.note(&note).await?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn invite(context: &Context, doors: &Doors, name: &str) -> Result<(), Failure> {
    println!("{}", doors.link(name).await?);
    context.say(format!(
        "give {name} this path after the address of the console; good once, for 24 hours"
    ));
    Ok(())
}

/// Gives an account an identity, or takes away the one it has; returns what was done.
async fn identify(
    context: &Context,
    home: &Home,
    name: &str,
    subject: Option<&str>,
) -> Result<String, Failure> {
    let Some(subject) = subject else {
        let had = home.records.unlink_identity(name).await?;
        let found = if had { "its identity is taken away" } else { "it had no identity" };
        context.say(format!("{name}: {found}"));
        return Ok("took the identity away".to_owned());
    };
    let provider = Provider::of(&context.settings.oidc, &home.root, clock::now)?;
    let off = || DoorError::Oidc(vec!["issuer is empty: no provider is named".to_owned()]);
    let identity = provider.ok_or_else(off)?.identity(subject);
    if !home.records.link_identity(&identity, name, clock::now()).await? {
        return Err(DoorError::Held.into());
    }
    context.say(format!("{name} signs in as identity {} of {}", identity.short(), identity.issuer));
    Ok(format!("linked an identity: {} of {}", identity.short(), identity.issuer))
}

fn text(grants: &[Grant]) -> String {
    grants.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn list(people: &[Person], issuers: &BTreeMap<String, String>) {
    let mut table = show::table(&["account", "roles", "password", "identity", "state"]);
    show::keep_first_whole(&mut table);
    for person in people {
        table.add_row([
            person.name.clone(),
            text(&person.grants),
            if person.password.is_some() { "chosen" } else { "not yet" }.to_owned(),
            issuers.get(&person.name).map_or("none", |issuer| issuer).to_owned(),
            if person.disabled { "shut out" } else { "open" }.to_owned(),
        ]);
    }
    println!("{table}");
}
