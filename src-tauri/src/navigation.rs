//! Where the window may go: nowhere but its own pages. A link to a mail address opens the owner's mail program; everything else is
//! refused, whoever asks for it, because a page from outside must never stand in a window that looks like Backroom.

use tauri::Url;

/// What happens to an address that the window is about to show.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Way {
    /// One of the app's own pages.
    Stay,
    /// Something for another program of the system.
    HandOver,
    /// Nothing happens.
    Refuse,
}

/// Longest address that is handed over; a mail address with a subject is far shorter.
const LONGEST: usize = 2048;

/// Decides by the address alone. `development` is where the UI is served while it is being worked on, else `None`.
pub fn way(address: &Url, development: Option<&Url>) -> Way {
    if is_own(address) || development.is_some_and(|served| same_origin(served, address)) {
        return Way::Stay;
    }
    if address.scheme() == "mailto" && address.as_str().len() <= LONGEST { Way::HandOver } else { Way::Refuse }
}

/// The app's pages come from a scheme of its own; on Windows that is written as a host that no network knows.
fn is_own(address: &Url) -> bool {
    let plain = address.port().is_none() && address.username().is_empty() && address.password().is_none();
    let host = address.host_str();
    let place = match address.scheme() {
        "tauri" => host == Some("localhost"),
        "http" | "https" => cfg!(windows) && host == Some("tauri.localhost"),
        _ => false,
    };
    plain && place
}

fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme() && one.host() == other.host() && one.port() == other.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(address: &str) -> Way {
        way(&address.parse().expect("an address"), None)
    }

    #[test]
    fn the_window_stays_on_its_own_pages() {
        assert_eq!(decide("tauri://localhost/index.html"), Way::Stay);
        assert_eq!(decide("tauri://localhost/index.html#/invoices?open=1"), Way::Stay);
    }

    #[test]
    fn no_page_from_outside_is_ever_shown() {
        for address in [
            "https://example.com/",
            "http://localhost:5173/",
            "http://127.0.0.1/",
            "https://tauri.localhost.example.com/",
            "tauri://example.com/index.html",
            "tauri://owner@localhost/",
            "tauri://localhost:8080/",
            "file:///etc/passwd",
            "data:text/html,<h1>Backroom</h1>",
            "blob:tauri://localhost/1",
            "javascript:alert(1)",
            "about:blank",
            "backroom://oauth/quickbooks?code=1",
            "asset://localhost/etc/passwd",
        ] {
            assert_eq!(decide(address), Way::Refuse, "{address}");
        }
    }

    #[test]
    fn a_mail_address_opens_the_mail_program_unless_it_is_absurdly_long() {
        assert_eq!(decide("mailto:ava@example.com?subject=Invoice"), Way::HandOver);
        assert_eq!(decide(&format!("mailto:ava@example.com?body={}", "a".repeat(LONGEST))), Way::Refuse);
    }

    #[test]
    fn while_the_ui_is_worked_on_its_own_server_counts_and_no_other() {
        let served: Url = "http://localhost:5173/".parse().expect("an address");
        let decide = |address: &str| way(&address.parse().expect("an address"), Some(&served));
        assert_eq!(decide("http://localhost:5173/src/main.tsx"), Way::Stay);
        assert_eq!(decide("http://localhost:5174/"), Way::Refuse);
        assert_eq!(decide("https://localhost:5173/"), Way::Refuse);
    }
}
