//! Faults as recorded, in all their shapes.

use super::*;
use connector_http::Answer;

fn answer(status: u16, content_type: &str, body: &str) -> Answer {
    let response = http::Response::builder().status(status).header("content-type", content_type).body(()).unwrap();
    let (parts, ()) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.to_owned().into() }
}

fn business(code: &str, detail: &str) -> Answer {
    let body =
        format!(r#"{{"Fault":{{"Error":[{{"Message":"No","Detail":"{detail}","code":"{code}","element":""}}]}}}}"#);
    answer(400, "application/json", &body)
}

fn refusal(verdict: Verdict) -> ConnectorError {
    match verdict {
        Verdict::Refuse(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_business_fault_keeps_the_code_and_the_vendors_words() {
    let answer =
        answer(400, "application/json;charset=UTF-8", include_str!("../../fixtures/fault_duplicate_name.json"));
    let error = localize(refusal(judge(&answer)), Entity::Customer);
    let ConnectorError::Rejected(rejection) = error else { panic!("{error:?}") };
    assert_eq!((rejection.code.as_str(), rejection.field.as_deref()), ("6240", Some("display_name")));
    assert!(rejection.text.starts_with("The name supplied already exists."));
}

#[test]
fn a_fault_inside_a_good_answer_is_still_a_fault() {
    let body = include_str!("../../fixtures/fault_stale.json");
    let error = refusal(judge(&answer(200, "application/json", body)));
    assert_eq!(error, ConnectorError::Conflict { remote_version: None });
    let nested = r#"{"QueryResponse":{"Fault":{"Error":[{"Message":"m","code":"4000"}]}}}"#;
    assert!(
        matches!(refusal(judge(&answer(200, "application/json", nested))), ConnectorError::Rejected(r) if r.code == "4000")
    );
}

#[test]
fn the_word_fault_in_a_text_is_no_fault() {
    let body = r#"{"Invoice":{"PrivateNote":"my \"Fault\" entirely"}}"#;
    assert_eq!(judge(&answer(200, "application/json", body)), Verdict::Accept);
}

#[test]
fn the_gateways_json_with_small_letters_is_an_expired_token() {
    let body = include_str!("../../fixtures/fault_gateway.json");
    assert_eq!(judge(&answer(401, "application/json", body)), Verdict::Expired);
    let forbidden = body.replace("3200", "3100");
    assert!(matches!(refusal(judge(&answer(403, "application/json", &forbidden))), ConnectorError::Unauthorized(_)));
}

#[test]
fn too_many_requests_are_known_by_code_even_in_xml_and_with_another_status() {
    let xml = include_str!("../../fixtures/fault_throttled.xml");
    for status in [429, 403] {
        let verdict = judge(&answer(status, "application/xml", xml));
        assert_eq!(verdict, Verdict::RateLimited { after: Some(Duration::from_mins(1)) }, "{status}");
    }
}

#[test]
fn a_web_page_is_judged_by_its_status() {
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    assert!(matches!(judge(&answer(502, "text/html", page)), Verdict::Uncertain(_)));
    assert!(matches!(judge(&answer(429, "text/html", page)), Verdict::RateLimited { .. }));
}

#[test]
fn every_code_leads_to_what_the_engine_should_do() {
    assert!(matches!(judge(&business("10000", "System failure")), Verdict::Uncertain(_)));
    assert!(matches!(judge(&business("6190", "Subscription period has ended")), Verdict::Unavailable(_)));
    assert!(matches!(judge(&business("140", "Locked")), Verdict::Unavailable(_)));
    assert!(matches!(
        judge(&business("6000", "An unexpected error occurred. Please try again")),
        Verdict::Unavailable(_)
    ));
    assert!(matches!(refusal(judge(&business("6000", "Not that"))), ConnectorError::Rejected(_)));
    assert!(matches!(refusal(judge(&business("610", "Object Not Found"))), ConnectorError::NotFound(_)));
    assert!(matches!(refusal(judge(&business("610", "Item was made inactive"))), ConnectorError::Rejected(_)));
    assert!(matches!(refusal(judge(&business("130", "Wrong cluster"))), ConnectorError::Unauthorized(_)));
}

#[test]
fn a_refusal_names_the_neutral_field() {
    let field = |code: &str, detail: &str, entity| match localize(refusal(judge(&business(code, detail))), entity) {
        ConnectorError::Rejected(rejection) => rejection.field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field("6240", "Name exists", Entity::Item).as_deref(), Some("name"));
    assert_eq!(field("6140", "Duplicate", Entity::Invoice).as_deref(), Some("number"));
    assert_eq!(field("6210", "Closed", Entity::Payment).as_deref(), Some("received_on"));
    assert_eq!(field("2500", "Invalid reference in CustomerRef", Entity::Invoice).as_deref(), Some("customer"));
    assert_eq!(field("2050", "PrivateNote is too long", Entity::Invoice).as_deref(), Some("note"));
    assert_eq!(field("9999", "No idea", Entity::Invoice), None);
}

#[test]
fn long_words_of_the_vendor_are_cut() {
    let error = refusal(judge(&business("2030", &"x".repeat(5000))));
    assert!(matches!(error, ConnectorError::Rejected(r) if r.text.len() == TEXT_CHARS));
}
