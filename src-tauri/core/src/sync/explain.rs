//! What a vendor's refusal means to a shop owner: plain words, what to do, and which button resolves it. The words are in `causes`.
//!
//! Absent on purpose: the vendors' codes. Their descriptors say what each means; one that they don't know is shown in the vendor's
//! own words.

use super::ProblemAction;
use super::causes::words;
use connector_contract::{ConnectorError, Descriptor, RefusedBy, Rejection};

/// A problem in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Stable cause.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// The vendor's own words, quoted; never ours.
    pub vendor_text: String,
    /// What happened to the letter, in our own words: for looking closer.
    pub detail: String,
    /// What mends it.
    pub action: ProblemAction,
    /// The setting that mends it.
    pub setting: Option<&'static str>,
}

use ProblemAction::{ConnectionSettings, Decide, Dismiss, EditRecord, Release, Rename, Renumber, Retry, SignIn};

/// Explains an error that the owner has to act on.
pub fn explain(error: &ConnectorError, descriptor: &Descriptor, record: &str) -> Explained {
    let vendor = descriptor.name;
    let fill = |text: &str| sentence(&text.replace("{vendor}", vendor).replace("{record}", record));
    let plain = |code: &str, message: &str, advice: &str, action| Explained {
        code: code.to_owned(),
        message: fill(message),
        advice: fill(advice),
        vendor_text: String::new(),
        detail: String::new(),
        action,
        setting: None,
    };
    match error {
        ConnectorError::Rejected(rejection) => explain_rejection(rejection, descriptor, record, &fill),
        ConnectorError::NotFound(_) => plain(
            "gone",
            "{record} no longer exists in {vendor}.",
            "It was removed there. Your copy stays as it is; nothing more is sent for it.",
            Dismiss,
        ),
        ConnectorError::Protocol(_) | ConnectorError::TooLarge => Explained {
            detail: detail(error),
            ..plain(
                "protocol",
                "{vendor} gave an answer for {record} that could not be understood.",
                "Try again later. If it stays like this, look at the record there.",
                Retry,
            )
        },
        ConnectorError::Bug(_) => plain(
            "fault",
            "A fault in Backroom itself stopped the sync with {vendor} at {record}.",
            "Nothing is lost, and everything else goes on. Sync again; if it stays like this, send the log to whoever looks after \
             Backroom for you.",
            Retry,
        ),
        ConnectorError::Conflict { .. } => plain(
            "moved_on",
            "{record} keeps changing in {vendor} while it is sent.",
            "Try again when nobody works on it there.",
            Retry,
        ),
        ConnectorError::Unauthorized(_) => plain(
            "signed_out",
            "{vendor} no longer accepts the sign-in.",
            "Sign in again. What waits is sent afterwards.",
            SignIn,
        ),
        ConnectorError::Keychain(error) => Explained {
            detail: error.to_string(),
            ..plain(
                "keychain",
                "The keychain of this computer can't be used, so {vendor} can't be reached.",
                "Unlock the keychain, then sync again.",
                Retry,
            )
        },
        error => Explained {
            detail: detail(error),
            ..plain(
                "gave_up",
                "{record} could not be sent to {vendor}, however often it was tried.",
                "Check that {vendor} works and that your account there is in order, then try again.",
                Retry,
            )
        },
    }
}

/// The technical words behind an error, for whoever looks closer.
fn detail(error: &ConnectorError) -> String {
    match error {
        ConnectorError::Protocol(text) | ConnectorError::Unavailable(text) | ConnectorError::Unknown(text) => {
            text.clone()
        }
        other => other.to_string(),
    }
}

fn explain_rejection(
    rejection: &Rejection,
    descriptor: &Descriptor,
    record: &str,
    fill: &dyn Fn(&str) -> String,
) -> Explained {
    let Rejection { by, code, field, text } = rejection;
    let ours = *by == RefusedBy::Us;
    let field = field.as_deref().filter(|field| !field.is_empty());
    let setting = descriptor.settings.iter().find(|setting| Some(setting.id) == field);
    let (message, advice, action) = if let Some(setting) = setting {
        let message =
            format!("{} needs to know the {} to take {record}.", descriptor.name, setting.label.to_lowercase());
        (
            sentence(&message),
            "Choose it here; what was refused for want of it goes out again.".to_owned(),
            ConnectionSettings,
        )
    } else if let Some((message, advice, action)) = descriptor.cause_of(code).and_then(words) {
        (fill(message), fill(advice), action)
    } else if ours {
        // Our own refusals are whole sentences for the owner already, and name what to change.
        let message =
            fill(&format!("{{record}} can't be sent to {{vendor}}. {}", sentence(text.trim_end_matches('.'))));
        (message + ".", "Change the record and save it; it is sent again by itself.".to_owned(), EditRecord)
    } else {
        let about = field.map_or_else(String::new, |field| format!(" ({})", field.replace('_', " ")));
        let message = fill(&format!("{{vendor}} does not take {{record}}{about}: {}", text.trim_end_matches('.')));
        (message + ".", "Change the record and save it; it is sent again by itself.".to_owned(), EditRecord)
    };
    let vendor_text = match (ours, text.is_empty()) {
        (true, _) => String::new(),
        (false, true) => code.clone(),
        (false, false) => format!("{code}: {text}"),
    };
    let setting = setting.map(|setting| setting.id);
    Explained { code: code.clone(), message, advice, vendor_text, detail: String::new(), action, setting }
}

/// The stored name of an action.
pub fn action_name(action: ProblemAction) -> &'static str {
    match action {
        Retry => "retry",
        EditRecord => "edit_record",
        Renumber => "renumber",
        SignIn => "sign_in",
        ConnectionSettings => "connection_settings",
        Rename => "rename",
        Decide => "decide",
        Release => "release",
        ProblemAction::SendAnew => "send_anew",
        ProblemAction::TakeUp => "take_up",
        ProblemAction::SamePayment => "same_payment",
        ProblemAction::RecordCredit => "record_credit",
        ProblemAction::CompareAgain => "compare_again",
        Dismiss => "dismiss",
    }
}

/// The action with a stored name.
pub fn action_named(name: &str) -> ProblemAction {
    match name {
        "retry" => Retry,
        "edit_record" => EditRecord,
        "renumber" => Renumber,
        "sign_in" => SignIn,
        "connection_settings" => ConnectionSettings,
        "rename" => Rename,
        "decide" => Decide,
        "release" => Release,
        "send_anew" => ProblemAction::SendAnew,
        "take_up" => ProblemAction::TakeUp,
        "same_payment" => ProblemAction::SamePayment,
        "record_credit" => ProblemAction::RecordCredit,
        "compare_again" => ProblemAction::CompareAgain,
        _ => Dismiss,
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_contract::{Cause, SettingField, SignIn as How};

    static BOOKS: Descriptor = Descriptor {
        id: "books",
        name: "Books",
        summary: "",
        sign_in: How::Keys,
        fields: &[],
        endpoints: &[],
        settings: &[SettingField { id: "income_account", label: "Income account", help: "", required: true }],
        capabilities: &[],
        refusals: &[
            ("6140", Cause::NumberTaken),
            ("6430", Cause::WrongAccountType),
            ("6540", Cause::InDeposit),
            ("read_only", Cause::ReadOnly),
        ],
    };

    fn rejected(code: &str, field: Option<&str>, text: &str) -> Explained {
        let rejection = Rejection::vendors(code, field.map(str::to_owned), text);
        explain(&ConnectorError::Rejected(rejection), &BOOKS, "invoice 1001")
    }

    #[test]
    fn known_codes_are_told_in_plain_words_with_the_action_that_mends_them() {
        let taken = rejected("6140", Some("number"), "Duplicate Document Number Error");
        assert_eq!(taken.message, "The number of invoice 1001 is already used in Books.");
        assert_eq!(taken.action, Renumber);
        assert_eq!(taken.vendor_text, "6140: Duplicate Document Number Error");
        assert_eq!(rejected("6430", None, "").action, ConnectionSettings);
        assert_eq!(rejected("6540", None, "").action, Retry);
    }

    #[test]
    fn a_missing_choice_points_to_the_settings_whatever_the_code() {
        let missing = rejected("not_sent", Some("income_account"), "no income account");
        assert_eq!(missing.action, ConnectionSettings);
        assert_eq!(missing.message, "Books needs to know the income account to take invoice 1001.");
    }

    #[test]
    fn an_unknown_code_is_told_in_the_vendors_words() {
        let odd = rejected("9999", Some("display_name"), "Something odd.");
        assert_eq!(odd.message, "Books does not take invoice 1001 (display name): Something odd.");
        assert_eq!(odd.action, EditRecord);
    }

    #[test]
    fn a_refusal_of_our_own_is_never_put_in_the_vendors_mouth() {
        for (code, field) in [("not_sendable", Some("lines[1].quantity")), ("read_only", None), ("odd", None)] {
            let rejection = Rejection::ours(code, field.map(str::to_owned), "Only whole pieces can be sent.");
            let told = explain(&ConnectorError::Rejected(rejection), &BOOKS, "order 7");
            assert_eq!(told.vendor_text, "", "{code}");
            assert!(!told.message.contains(code) && !told.message.contains("lines["), "{}", told.message);
        }
        let ours = Rejection::ours("not_sendable", None, "Only whole pieces can be sent.");
        let told = explain(&ConnectorError::Rejected(ours), &BOOKS, "order 7");
        assert_eq!(told.message, "Order 7 can't be sent to Books. Only whole pieces can be sent.");
        let odd = explain(&ConnectorError::Protocol("the list is missing".into()), &BOOKS, "order 7");
        assert_eq!((odd.vendor_text.as_str(), odd.detail.as_str()), ("", "the list is missing"));
    }
}
