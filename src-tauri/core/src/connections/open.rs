//! Views of vendors and connections, and the opened connectors.

use super::draft::{REDIRECT_PLACEHOLDER, environment_named, practice_endpoints, practice_field, practice_text};
use super::sign_in::prefix;
use super::{
    ConnectionEnvironment, ConnectionOption, ConnectionSetting, ConnectionState, ConnectionView, VendorEndpoint,
    VendorField, VendorView,
};
use crate::Core;
use crate::error::{Error, Result};
use crate::ids::ConnectionId;
use crate::store::connections::{self as rows, ConnectionRow, StoredChoice};
use crate::store::history::moment;
use crate::store::{Db, outbox, problems, runs};
use crate::sync::RunState;
use connector_contract::{Connector, Descriptor, Environment, ScopedSecrets, SignIn, Vendor};
use std::sync::Arc;

impl Core {
    pub(super) fn vendor_view(&self, descriptor: &Descriptor) -> VendorView {
        let practice = self.parts.practice.as_ref();
        let fields = descriptor.fields.iter().map(|field| VendorField {
            id: field.id.to_owned(),
            label: field.label.to_owned(),
            help: field.help.to_owned(),
            secret: field.secret,
            optional: field.optional,
            practice_value: practice_field(practice, descriptor.id, field.id),
        });
        let endpoints = descriptor.endpoints.iter().map(|endpoint| VendorEndpoint {
            id: endpoint.id.to_owned(),
            label: endpoint.label.to_owned(),
            production_url: endpoint.production.to_owned(),
        });
        let oauth = descriptor.sign_in == SignIn::OAuth;
        VendorView {
            id: descriptor.id.to_owned(),
            name: descriptor.name.to_owned(),
            summary: descriptor.summary.to_owned(),
            oauth,
            fields: fields.collect(),
            endpoints: endpoints.collect(),
            redirect_uri: oauth.then(|| {
                let offered = practice_text(practice, &[descriptor.id, "redirect_uri"]);
                offered.unwrap_or_else(|| REDIRECT_PLACEHOLDER.to_owned())
            }),
        }
    }

    pub(crate) fn connection_view(&self, id: ConnectionId) -> Result<ConnectionView> {
        self.store.read(|db| {
            let row = rows::get(db, id)?.ok_or(Error::NotFound("connection"))?;
            self.view_of(db, row)
        })
    }

    pub(crate) fn connection_views(&self, db: &Db<'_>) -> Result<Vec<ConnectionView>> {
        rows::all(db)?.into_iter().map(|row| self.view_of(db, row)).collect()
    }

    fn view_of(&self, db: &Db<'_>, row: ConnectionRow) -> Result<ConnectionView> {
        let descriptor = self.vendor(&row.vendor).map(|vendor| vendor.descriptor);
        let (waiting_count, problem_count) = rows::counts(db, row.id)?;
        let syncing = match runs::open(db)? {
            Some(run) => runs::view(db, run, self.now())?
                .is_some_and(|run| run.parts.iter().any(|p| p.connection_id == row.id && p.state == RunState::Running)),
            None => false,
        };
        let rest = self.rest_of(row.id);
        let state = match (row.state.as_str(), syncing) {
            (_, true) => ConnectionState::Syncing,
            ("needs_sign_in", _) => ConnectionState::NeedsSignIn,
            ("unreachable", _) => ConnectionState::Unreachable,
            _ if rest.is_some() => ConnectionState::Unreachable,
            _ if problem_count > 0 => ConnectionState::HasProblems,
            _ => ConnectionState::Ready,
        };
        let state_text = match (state, &rest) {
            (ConnectionState::Unreachable, Some(rest)) => Self::rest_words(db, &self.vendor_name(&row.vendor), rest)?,
            (state, _) => state_text(state, &row, waiting_count, problem_count),
        };
        let settings = descriptor.map_or(&[][..], |descriptor| descriptor.settings).iter().map(|setting| {
            let options = row.choices.iter().filter(|choice| choice.setting == setting.id).map(option).collect();
            ConnectionSetting {
                id: setting.id.to_owned(),
                label: setting.label.to_owned(),
                help: setting.help.to_owned(),
                required: setting.required,
                value: row.settings.get(setting.id).cloned(),
                options,
            }
        });
        Ok(ConnectionView {
            id: row.id,
            vendor_name: descriptor.map_or_else(|| row.vendor.clone(), |descriptor| descriptor.name.to_owned()),
            account_name: row.account_name,
            account_id: row.account_id,
            environment: match environment_named(&row.environment) {
                Environment::Production => ConnectionEnvironment::Production,
                Environment::Practice => ConnectionEnvironment::Practice,
            },
            mode: row.mode,
            state,
            state_text,
            resting_until: rest.map(|rest| moment(rest.until)),
            last_synced_at: row.last_synced_at,
            waiting_count,
            problem_count,
            settings: settings.collect(),
            conflict_rule: match descriptor {
                Some(descriptor) if descriptor.capabilities.iter().any(|c| descriptor.sends(c.kind)) => {
                    Some(crate::sync::conflict_rule(db, row.id)?)
                }
                _ => None,
            },
            vendor: row.vendor,
        })
    }

    /// The connector of a connection; opened once and kept until its settings or secrets change.
    pub(crate) fn connector(&self, row: &ConnectionRow) -> Result<(Vendor, Arc<dyn Connector>)> {
        let vendor = self.vendor(&row.vendor).cloned();
        let vendor = vendor
            .ok_or_else(|| Error::Refused(format!("This version of Backroom can't connect to “{}”.", row.vendor)))?;
        if let Some(connector) = self.opened.lock().get(&row.id) {
            return Ok((vendor, Arc::clone(connector)));
        }
        let environment = environment_named(&row.environment);
        if environment == Environment::Practice
            && practice_endpoints(self.parts.practice.as_ref(), vendor.descriptor).is_none()
        {
            return Err(Error::Refused("Practice is not running, so this connection rests.".into()));
        }
        let secrets = Arc::new(ScopedSecrets::new(Arc::clone(&self.parts.secrets), prefix(row.id)));
        let mut config = self.config(&vendor, environment, Some(row.account_id.clone()), &row.endpoints, secrets);
        config.settings = chosen(vendor.descriptor, row);
        let connector = (vendor.open)(config);
        self.opened.lock().insert(row.id, Arc::clone(&connector));
        Ok((vendor, connector))
    }

    /// Closes a connector, so that the next use opens it anew.
    pub(crate) fn forget_opened(&self, id: ConnectionId) {
        self.opened.lock().remove(&id);
    }

    pub(super) async fn fetch_choices(&self, id: ConnectionId) -> Result<ConnectionView> {
        let row = self.store.read(|db| rows::get(db, id))?.ok_or(Error::NotFound("connection"))?;
        let (_, connector) = self.connector(&row)?;
        let choices = connector.choices().await?;
        let choices: Vec<StoredChoice> = choices
            .into_iter()
            .map(|choice| StoredChoice {
                setting: choice.setting.to_owned(),
                value: choice.value,
                label: choice.label,
                suggested: choice.suggested,
            })
            .collect();
        self.store.write(|tx| {
            let row = rows::get(&tx.db(), id)?.ok_or(Error::NotFound("connection"))?;
            rows::put(tx, &ConnectionRow { choices, ..row }, self.now())
        })?;
        self.forget_opened(id);
        self.connection_view(id)
    }

    pub(super) fn choose(&self, id: ConnectionId, setting: &str, value: Option<String>) -> Result<ConnectionView> {
        self.store.write(|tx| {
            let mut row = rows::get(&tx.db(), id)?.ok_or(Error::NotFound("connection"))?;
            let descriptor = self.vendor(&row.vendor).map(|vendor| vendor.descriptor);
            if !descriptor.is_some_and(|d| d.settings.iter().any(|known| known.id == setting)) {
                return Err(Error::invalid("setting", "There is no such setting."));
            }
            let offered = |value: &String| row.choices.iter().any(|c| c.setting == setting && c.value == *value);
            match value {
                Some(value) if !offered(&value) => {
                    return Err(Error::invalid("value", "Choose one of the options, or fetch them again."));
                }
                Some(value) => row.settings.insert(setting.to_owned(), value),
                None => row.settings.remove(setting),
            };
            rows::put(tx, &row, self.now())?;
            // What was refused for want of this choice goes out again.
            for problem in problems::for_settings(&tx.db(), id)? {
                if let Some(entry) = problem.outbox_id {
                    outbox::reset(tx, entry, self.now())?;
                }
                problems::remove(tx, problem.id)?;
            }
            Ok(())
        })?;
        self.forget_opened(id);
        self.connection_view(id)
    }
}

/// One line on the state of a connection.
fn state_text(state: ConnectionState, row: &ConnectionRow, waiting_count: u32, problem_count: u32) -> String {
    match state {
        ConnectionState::Syncing => "Syncing now".to_owned(),
        ConnectionState::NeedsSignIn if row.state_text.is_empty() => "Sign in again".to_owned(),
        ConnectionState::Unreachable if row.state_text.is_empty() => "Can't be reached just now".to_owned(),
        ConnectionState::NeedsSignIn | ConnectionState::Unreachable => row.state_text.clone(),
        ConnectionState::HasProblems if problem_count == 1 => "One problem to look at".to_owned(),
        ConnectionState::HasProblems => format!("{problem_count} problems to look at"),
        ConnectionState::Ready if row.last_synced_at.is_none() => "Connected, not synced yet".to_owned(),
        ConnectionState::Ready if waiting_count > 0 => format!("{waiting_count} waiting to be sent"),
        ConnectionState::Ready => "Up to date".to_owned(),
    }
}

fn option(choice: &StoredChoice) -> ConnectionOption {
    ConnectionOption { value: choice.value.clone(), label: choice.label.clone(), suggested: choice.suggested }
}

/// What holds for each setting: the owner's choice, else the suggestion as last fetched.
fn chosen(descriptor: &Descriptor, row: &ConnectionRow) -> std::collections::BTreeMap<String, String> {
    let suggested = |setting: &str| row.choices.iter().find(|c| c.setting == setting && c.suggested);
    descriptor
        .settings
        .iter()
        .filter_map(|setting| {
            let value = row.settings.get(setting.id).or_else(|| Some(&suggested(setting.id)?.value))?;
            Some((setting.id.to_owned(), value.clone()))
        })
        .collect()
}
