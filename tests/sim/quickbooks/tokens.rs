//! Sign-ins as the vendor keeps them: codes, grants, rotating refresh tokens. No HTTP here.
//!
//! The refresh token's value changes at the first refresh after a day; before that the same value comes back. What
//! happens to the previous value is a knob, because sources disagree.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Life of an access token.
pub const ACCESS_S: i64 = 3600;
/// Rolling life of a refresh token; every refresh arms it anew.
const SOFT_DAYS: i64 = 100;
/// No refresh extends a grant beyond this from its authorization.
const HARD_DAYS: i64 = 5 * 365;

/// Behaviour on which sources disagree, or that a test wants otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// A refresh changes the value once it is this old.
    pub rotate_after_s: i64,
    /// The previous value still works for this long after the change.
    pub grace_s: i64,
    /// A previous value past its grace revokes the whole grant.
    pub revoke_chain: bool,
    /// Life of an authorization code.
    pub code_s: i64,
    /// Refuse plain http redirect addresses, as production keys do.
    pub https_only: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { rotate_after_s: 86_400, grace_s: 0, revoke_chain: false, code_s: 600, https_only: false }
    }
}

/// All sign-ins.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tokens {
    /// Codes handed to the browser.
    pub codes: BTreeMap<String, Code>,
    /// One per consent.
    pub grants: Vec<Grant>,
    /// Redirect addresses beside the simulator's own.
    pub redirect_uris: Vec<String>,
}

/// An authorization code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Code {
    /// Must be the same at the exchange.
    pub redirect_uri: String,
    /// What was consented to.
    pub scope: String,
    /// When it was handed out.
    pub issued_at: DateTime<Utc>,
    /// The grant it was exchanged for.
    pub grant: Option<usize>,
}

/// One consent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Grant {
    /// The company.
    pub realm: String,
    /// What was consented to.
    pub scope: String,
    /// The refresh token's present value.
    pub refresh: String,
    /// When that value was made.
    pub issued_at: DateTime<Utc>,
    /// Earlier values and when each was replaced.
    pub retired: Vec<(String, DateTime<Utc>)>,
    /// The rolling end.
    pub soft_until: DateTime<Utc>,
    /// The end that nothing moves.
    pub hard_until: DateTime<Utc>,
    /// Access tokens and their ends.
    pub access: BTreeMap<String, DateTime<Utc>>,
    /// Revoked by the app, disconnected by the user, or killed.
    pub revoked: bool,
}

impl Grant {
    /// A fresh consent.
    pub fn new(realm: &str, scope: &str, refresh: String, now: DateTime<Utc>) -> Self {
        Self {
            realm: realm.to_owned(),
            scope: scope.to_owned(),
            refresh,
            issued_at: now,
            retired: Vec::new(),
            soft_until: now + Duration::days(SOFT_DAYS),
            hard_until: now + Duration::days(HARD_DAYS),
            access: BTreeMap::new(),
            revoked: false,
        }
    }

    /// The end of the refresh token.
    pub fn until(&self) -> DateTime<Utc> {
        self.soft_until.min(self.hard_until)
    }
}

impl Tokens {
    /// The grant whose access token this is, if it is alive.
    pub fn by_access(&self, token: &str, now: DateTime<Utc>) -> Option<&Grant> {
        self.grants.iter().find(|g| !g.revoked && g.access.get(token).is_some_and(|end| now < *end))
    }

    /// Accepts a refresh token and says which grant it refreshes. `fresh` is the value to change to when it is time.
    pub fn refresh(&mut self, value: &str, rules: &Rules, fresh: String, now: DateTime<Utc>) -> Option<usize> {
        let at = self.grants.iter().position(|g| g.refresh == value || g.retired.iter().any(|(v, _)| v == value))?;
        let grant = &mut self.grants[at];
        if grant.revoked || now >= grant.until() {
            return None;
        }
        if grant.refresh != value {
            let retired_at = grant.retired.iter().find(|(v, _)| v == value).map(|(_, at)| *at)?;
            let in_grace = now - retired_at < Duration::seconds(rules.grace_s);
            grant.revoked |= !in_grace && rules.revoke_chain;
            return in_grace.then_some(at);
        }
        if now - grant.issued_at >= Duration::seconds(rules.rotate_after_s) {
            let old = std::mem::replace(&mut grant.refresh, fresh);
            grant.retired.push((old, now));
            grant.issued_at = now;
        }
        grant.soft_until = now + Duration::days(SOFT_DAYS);
        grant.access.retain(|_, end| now < *end);
        Some(at)
    }

    /// Ends the grant that a token belongs to; false when the token is unknown.
    pub fn revoke(&mut self, token: &str) -> bool {
        let found = self.grants.iter_mut().find(|g| g.refresh == token || g.access.contains_key(token));
        found.map(|g| g.revoked = true).is_some()
    }
}
