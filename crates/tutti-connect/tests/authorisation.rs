//! Secrets go into the request and nowhere else.

#![cfg(test)]

use serde_json::{Value, json};
use tutti_connect::{
    ACCESS_TOKEN, Call, Secret, authorize, connector, read_token, request, token_request,
};
use tutti_core::failure::Failure;
use tutti_core::wire::{Reply, Request};

fn signed(operation: &str, name: &'static str, secret: &str) -> Result<Request, Failure> {
    let connection = json!({ "base_url": "https://acme.example", "client_id": "id" });
    let input = json!({ "email": "dana@tutti.example" });
    let call =
        Call { operation, input: &input, before: None, effect_key: "", connection: &connection };
    let mut request = request(&call)?;
    let tool = operation.split('.').next().unwrap();
    let secrets = |asked: &str| (asked == name).then(|| Secret::new(secret));
    authorize(connector(tool).unwrap(), &mut request, &secrets)?;
    Ok(request)
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers.get(name).cloned()
}

#[test]
fn each_kind_signs_in_its_header() {
    let gitlab = signed("gitlab.user.me", "token", "glpat-1").unwrap();
    assert_eq!(header(&gitlab, "private-token").as_deref(), Some("glpat-1"));
    let slack = signed("slack.auth.test", "token", "xoxb-1").unwrap();
    assert_eq!(header(&slack, "authorization").as_deref(), Some("Bearer xoxb-1"));
    let salesforce = signed("salesforce.limits.get", ACCESS_TOKEN, "00D!1").unwrap();
    assert_eq!(header(&salesforce, "authorization").as_deref(), Some("Bearer 00D!1"));
    let jira = signed("jira.user.find", "token", "never").unwrap();
    assert_eq!(header(&jira, "authorization"), None);
}

#[test]
fn a_secret_that_cannot_be_sent_is_told_without_showing_it() {
    let missing = signed("slack.auth.test", "other", "xoxb-1").unwrap_err();
    assert_eq!(missing, Failure::Missing { path: "secret.token".into() });
    for secret in ["", "xoxb-1\r\nx: y", "xoxb\u{0}", " xoxb ", "xöxb"] {
        let failure = signed("gitlab.user.me", "token", secret).unwrap_err();
        assert_eq!(failure.kind(), "rejected", "{secret:?}");
        assert!(!format!("{failure} {failure:?}").contains("xoxb"));
    }
    let secret = Secret::new("xoxb-1");
    assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "*** *** Some(***)");
}

#[test]
fn client_credentials_buy_a_token() {
    let salesforce = connector("salesforce").unwrap();
    let connection =
        json!({ "base_url": "https://acme.my.salesforce.com", "client_id": "3MVG9 &" });
    let secrets = |name: &str| (name == "client_secret").then(|| Secret::new("s/1"));
    let request = token_request(salesforce, &connection, &secrets).unwrap().unwrap();
    assert_eq!(request.url, "https://acme.my.salesforce.com/services/oauth2/token");
    let body = "grant_type=client_credentials&client_id=3MVG9%20%26&client_secret=s%2F1";
    assert_eq!(request.body.as_deref(), Some(body));
    assert_eq!(token_request(connector("slack").unwrap(), &connection, &secrets), Ok(None));

    let no_id = token_request(salesforce, &json!({ "base_url": "https://a.example" }), &secrets);
    assert_eq!(no_id, Err(Failure::Missing { path: "connection.client_id".into() }));
}

#[test]
fn a_token_is_read_or_refused() {
    let read = |status, body: Value| {
        let reply = Reply { status, headers: Default::default(), body: body.to_string() };
        read_token(connector("salesforce").unwrap(), &reply, 1000)
    };
    let forever = read(200, json!({ "access_token": "t", "token_type": "Bearer" })).unwrap();
    assert_eq!((forever.access.expose(), forever.expires_at_ms), ("t", None));
    let hour = read(200, json!({ "access_token": "t", "expires_in": 3600 })).unwrap();
    assert_eq!(hour.expires_at_ms, Some(3_601_000));
    let wrong = read(400, json!({ "error": "invalid_client", "error_description": "x" }));
    assert_eq!(wrong, Err(Failure::Unauthorized));
    assert_eq!(read(503, json!({})), Err(Failure::Unavailable { status: 503 }));
    let malformed = read(200, json!({ "access_token": { "secret": "t" } })).unwrap_err();
    assert!(!malformed.to_string().contains("secret\""));
}
