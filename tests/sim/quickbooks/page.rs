//! The two pages of a sign-in: consent, and the error that never reaches the app.

use std::collections::BTreeMap;
use std::fmt::Write;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;color-scheme:light dark;display:grid;place-items:center;\
    min-height:100vh;margin:0}main{max-width:26rem;padding:2rem;border:1px solid #8885;border-radius:12px}\
    h1{font-size:1.25rem;margin:0 0 1rem}button{font:inherit;padding:.6rem 1.4rem;border-radius:8px;border:1px solid #8888;\
    cursor:pointer;margin-right:.5rem}button[value=allow]{background:#2ca01c;color:#fff;border-color:#2ca01c}small{opacity:.7}";

/// Text that is safe inside HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn page(title: &str, content: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{content}</main></body></html>"
    )
}

/// Asks the company's admin.
pub fn consent(company: &str, asked: &BTreeMap<String, String>) -> String {
    let mut hidden = String::new();
    for name in ["client_id", "redirect_uri", "response_type", "scope", "state"] {
        let value = asked.get(name).map(|v| escaped(v)).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(hidden, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    let content = format!(
        "<p>An app asks to read and change the books of <b>{}</b>.</p>\
         <form method=\"post\" action=\"oauth2/decision\">{hidden}\
         <button name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></form>\
         <p><small>This is the local QuickBooks simulator. No real company is involved.</small></p>",
        escaped(company)
    );
    page("Connect to QuickBooks", &content)
}

/// Tells what is wrong with the request.
pub fn error(why: &str) -> String {
    let content = format!("<p>{}</p><p><small>Local QuickBooks simulator.</small></p>", escaped(why));
    page("Sorry, but this app did not connect", &content)
}
