//! Who is answered: this computer's own page and nobody else's.
//!
//! A page from elsewhere can make a browser send requests to the loopback address. Under DNS rebinding its name stands in `Host`;
//! a cross-site request says so in `Origin` or `Sec-Fetch-Site`, and cannot send JSON without asking first, which nobody here
//! answers. Programs other than browsers send neither header and are welcome. What goes back says what the page may do: nothing
//! but talk to where it came from.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};

/// On every answer.
pub(super) const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// The names under which this server is known.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    hosts: Vec<String>,
}

impl Guard {
    /// On that port of the loopback address.
    pub(super) fn of(port: u16) -> Self {
        let names = ["127.0.0.1", "localhost"];
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == 80 {
            hosts.extend(names.map(str::to_owned));
        }
        Self { hosts }
    }

    /// Whether to answer; if not, the status and the reason.
    pub(super) fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), (StatusCode, String)> {
        let known = |host: &str| self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host));
        let here = format!("this page is at http://{}/ and answers nobody else", self.hosts[0]);
        let forbidden = |what: &str| Err((StatusCode::FORBIDDEN, format!("{what}; {here}")));
        let single = |name: HeaderName| {
            let mut values = headers.get_all(name).iter();
            let value = values.next().and_then(|value| value.to_str().ok());
            value.filter(|_| values.next().is_none())
        };
        if !single(header::HOST).is_some_and(known) || !uri.authority().is_none_or(|name| known(name.as_str())) {
            return forbidden("the request is for another host");
        }
        let own = |origin: &str| origin.strip_prefix("http://").is_some_and(known);
        if headers.contains_key(header::ORIGIN) && !single(header::ORIGIN).is_some_and(own) {
            return forbidden("the request comes from another origin");
        }
        if method == Method::POST {
            if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
                return forbidden("the request comes from another site");
            }
            let media = single(header::CONTENT_TYPE).map(|text| text.split(';').next().unwrap_or_default().trim());
            if !media.is_some_and(|media| media.eq_ignore_ascii_case("application/json")) {
                return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected Content-Type: application/json".into()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_pages_and_plain_programs_are_answered_and_others_are_not() {
        let json = ("content-type", "application/json");
        let host = ("host", "127.0.0.1:8000");
        for (method, uri, headers, expected) in [
            ("GET", "/", vec![host], 200),
            ("GET", "/", vec![("host", "LOCALHOST:8000")], 200),
            ("GET", "http://127.0.0.1:8000/", vec![host], 200),
            ("GET", "/", vec![host, ("sec-fetch-site", "cross-site")], 200),
            ("POST", "/look", vec![host, json], 200),
            ("POST", "/look", vec![host, ("content-type", "application/json; charset=utf-8")], 200),
            (
                "POST",
                "/look",
                vec![host, json, ("origin", "http://localhost:8000"), ("sec-fetch-site", "same-origin")],
                200,
            ),
            ("GET", "/", vec![], 403),
            ("GET", "/", vec![host, host], 403),
            ("GET", "/", vec![("host", "127.0.0.1")], 403),
            ("GET", "/", vec![("host", "127.0.0.1:8001")], 403),
            ("GET", "/", vec![("host", "evil.example:8000")], 403),
            ("GET", "/", vec![("host", "127.0.0.1:8000.evil.example")], 403),
            ("GET", "http://evil.example/", vec![host], 403),
            ("POST", "/look", vec![host, json, ("origin", "null")], 403),
            ("POST", "/look", vec![host, json, ("origin", "http://evil.example")], 403),
            ("POST", "/look", vec![host, json, ("origin", "https://127.0.0.1:8000")], 403),
            ("POST", "/look", vec![host, json, ("origin", "http://127.0.0.1:8001")], 403),
            ("POST", "/look", vec![host, json, ("sec-fetch-site", "cross-site")], 403),
            ("POST", "/look", vec![host, json, ("sec-fetch-site", "same-site")], 403),
            ("POST", "/look", vec![host], 415),
            ("POST", "/look", vec![host, ("content-type", "text/plain")], 415),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in &headers {
                map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let found = Guard::of(8000).check(&method.parse().unwrap(), &uri.parse().unwrap(), &map);
            let status = found.map_or_else(|(status, _)| status.as_u16(), |()| 200);
            assert_eq!(status, expected, "{method} {uri} {headers:?}");
        }
    }

    #[test]
    fn the_usual_port_may_go_without_saying() {
        let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost"))]);
        let check = |port| Guard::of(port).check(&Method::GET, &Uri::from_static("/"), &headers).is_ok();
        assert_eq!((check(80), check(8080)), (true, false));
    }
}
