//! Paging: how each vendor hands out the rest of a long list.

use serde::Deserialize;
use serde_json::Value;
use tutti_core::failure::Failure;
use tutti_core::wire::{Reply, Request};

use crate::encode;

/// How a list continues.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// The vendor's way.
    pub kind: Kind,
    /// The member of the output that holds the list.
    pub items: String,
    /// Pages after this many are left alone, and the output says `more: true`.
    #[serde(default = "Paging::default_max_pages")]
    pub max_pages: usize,
}

/// The vendors' ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `nextPageToken` (Jira's search).
    JiraToken,
    /// `startAt`, `maxResults` and `total` or `isLast` (Jira's older lists).
    StartAt,
    /// `Link: <…>; rel="next"` (GitLab, Confluence).
    LinkHeader,
    /// `response_metadata.next_cursor` (Slack).
    Cursor,
    /// `nextRecordsUrl` (Salesforce).
    Soql,
}

impl Paging {
    fn default_max_pages() -> usize {
        5
    }

    /// The request for the page after this reply to `first`, if there is one. Only a token, a
    /// query or a path is taken from the reply: it cannot send our credentials elsewhere.
    pub fn next(
        &self,
        first: Request,
        reply: &Reply,
        body: &Value,
    ) -> Result<Option<Request>, Failure> {
        match self.kind {
            Kind::JiraToken => match text(body, "/nextPageToken") {
                Some(token) => with_parameter(first, "nextPageToken", token.into()).map(Some),
                None => Ok(None),
            },
            Kind::Cursor => match text(body, "/response_metadata/next_cursor") {
                Some(cursor) => with_parameter(first, "cursor", cursor.into()).map(Some),
                None => Ok(None),
            },
            Kind::StartAt => match next_start(body) {
                Some(start) => with_parameter(first, "startAt", start.into()).map(Some),
                None => Ok(None),
            },
            Kind::LinkHeader => Ok(next_query(reply).map(|query| with_query(first, query))),
            Kind::Soql => match text(body, "/nextRecordsUrl") {
                Some(path) => with_path(first, path).map(Some),
                None => Ok(None),
            },
        }
    }
}

fn text<'b>(body: &'b Value, pointer: &str) -> Option<&'b str> {
    body.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

fn next_start(body: &Value) -> Option<u64> {
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    let next = number("startAt")? + number("maxResults").filter(|size| *size > 0)?;
    let last = match body.get("isLast").and_then(Value::as_bool) {
        Some(last) => last,
        None => next >= number("total")?,
    };
    (!last).then_some(next)
}

/// The query of the link that says `rel="next"`.
fn next_query(reply: &Reply) -> Option<String> {
    let mut rest = reply.headers.get("link")?.as_str();
    while let Some((_, after)) = rest.split_once('<') {
        let (url, tail) = after.split_once('>')?;
        let parameters = tail.split_once('<').map_or(tail, |(parameters, _)| parameters);
        if parameters.contains("rel=\"next\"") {
            let (_, query) = url.split_once('?')?;
            return Some(query.split('#').next().unwrap_or_default().to_owned());
        }
        rest = tail;
    }
    None
}

fn with_query(mut request: Request, query: String) -> Request {
    let path = request.url.split('?').next().unwrap_or_default();
    request.url = format!("{path}?{query}");
    request
}

/// The same request with one more parameter, in the body if it has one.
fn with_parameter(mut request: Request, name: &str, value: Value) -> Result<Request, Failure> {
    if let Some(body) = &request.body {
        let mut json: Value = serde_json::from_str(body)
            .map_err(|_| malformed("only a JSON body can ask for the next page"))?;
        if let Some(object) = json.as_object_mut() {
            object.insert(name.into(), value);
        }
        request.body = Some(json.to_string());
        return Ok(request);
    }
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let added = encode::query(&[(name.to_owned(), value)]);
    let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
    let same = format!("{name}=");
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with(&same));
    let query: Vec<&str> = kept.chain([added.as_str()]).collect();
    request.url = format!("{path}?{}", query.join("&"));
    Ok(request)
}

/// The same host with another path, which must lead into the data API.
fn with_path(mut request: Request, path: &str) -> Result<Request, Failure> {
    let host_at = request.url.find("://").map_or(0, |at| at + 3);
    let path_at = request.url.get(host_at..).and_then(|rest| rest.find('/'));
    let origin = path_at.and_then(|at| request.url.get(..host_at + at));
    match (origin, encode::checked_path(path.to_owned())) {
        (Some(origin), Ok(path)) if path.starts_with("/services/data/") => {
            request.url = format!("{origin}{path}");
            Ok(request)
        }
        _ => Err(malformed("`nextRecordsUrl` leads elsewhere")),
    }
}

fn malformed(reason: &str) -> Failure {
    Failure::Malformed { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use tutti_core::wire::Target;

    use super::*;

    fn next(
        kind: Kind,
        url: &str,
        body: Option<&str>,
        link: &str,
        reply: Value,
    ) -> Option<Request> {
        let request = Request {
            target: Target::Outside,
            method: "GET".into(),
            url: url.into(),
            headers: BTreeMap::new(),
            body: body.map(str::to_owned),
        };
        let headers = BTreeMap::from([("link".to_owned(), link.to_owned())]);
        let page = Reply { status: 200, headers, body: reply.to_string() };
        let paging = Paging { kind, items: "items".into(), max_pages: 2 };
        paging.next(request, &page, &reply).ok().flatten()
    }

    #[test]
    fn tokens_go_into_the_body_or_the_query() {
        let reply = json!({ "nextPageToken": "t/2" });
        let request = next(Kind::JiraToken, "/s", Some(r#"{"jql":"x"}"#), "", reply).unwrap();
        assert_eq!(request.body.unwrap(), r#"{"jql":"x","nextPageToken":"t/2"}"#);

        let reply = json!({ "response_metadata": { "next_cursor": "a=" } });
        let request =
            next(Kind::Cursor, "https://s/h?cursor=old&limit=2", None, "", reply).unwrap();
        assert_eq!(request.url, "https://s/h?limit=2&cursor=a%3D");
        let end = json!({ "response_metadata": { "next_cursor": "" } });
        assert_eq!(next(Kind::Cursor, "https://s/h", None, "", end), None);
    }

    #[test]
    fn offsets_count_on_until_the_end() {
        let page = |start: u64| json!({ "startAt": start, "maxResults": 50, "total": 120 });
        let url = |start| next(Kind::StartAt, "/c", None, "", page(start)).map(|next| next.url);
        assert_eq!(url(0).as_deref(), Some("/c?startAt=50"));
        assert_eq!(url(50).as_deref(), Some("/c?startAt=100"));
        assert_eq!(url(100), None);
        let last = json!({ "startAt": 0, "maxResults": 50, "isLast": true, "total": 120 });
        assert_eq!(next(Kind::StartAt, "/c", None, "", last), None);
    }

    #[test]
    fn a_link_gives_its_query_only() {
        let link = r#"<https://evil.example/a?page=1>; rel="first", <https://evil.example/a?page=3&x=1,2>; rel="next""#;
        let request = next(Kind::LinkHeader, "https://g/n?page=2", None, link, json!([])).unwrap();
        assert_eq!(request.url, "https://g/n?page=3&x=1,2");
        assert_eq!(next(Kind::LinkHeader, "https://g/n", None, "", json!([])), None);
    }

    #[test]
    fn a_records_url_stays_on_its_host() {
        let at = |path: &str| {
            let reply = json!({ "nextRecordsUrl": path });
            next(
                Kind::Soql,
                "https://a.my.salesforce.com/services/data/v62.0/query?q=x",
                None,
                "",
                reply,
            )
        };
        let request = at("/services/data/v62.0/query/01g-2000").unwrap();
        assert_eq!(request.url, "https://a.my.salesforce.com/services/data/v62.0/query/01g-2000");
        assert_eq!(at("//evil.example/services/data/x"), None);
        assert_eq!(at("/services/data/../../x"), None);
    }
}
