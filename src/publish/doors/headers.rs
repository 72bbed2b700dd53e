//! Headers that every answer carries, so that a browser does no more with it than it must.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

/// What a page may load: files of our own, nothing written inside the page itself.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; manifest-src 'self'; \
                      worker-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// By the OWASP Secure Headers Project (2025); what an answer sets itself stands.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "geolocation=(self), camera=(), microphone=(), payment=()",
    ),
];

/// Two years, as the OWASP project says; only over TLS, where it means something.
const TLS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// Returns the routes with the headers on every answer.
pub fn with_headers(routes: Router) -> Router {
    routes.layer(from_fn(add))
}

async fn add(request: Request, next: Next) -> Response {
    let tls = behind_tls(request.headers());
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if tls {
        let name = header::STRICT_TRANSPORT_SECURITY;
        headers.entry(name).or_insert(HeaderValue::from_static(TLS_ONLY));
    }
    answer
}

/// Returns whether the browser reached us over TLS, as the proxy in front says. A lie only makes
/// the liar's own cookies stricter.
#[must_use]
pub fn behind_tls(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https")
}

/// Returns whether the browser reached us at this very machine, without TLS.
#[must_use]
pub fn on_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    !behind_tls(headers) && (name == "localhost" || name == "::1" || name.starts_with("127."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(name).unwrap())])
    }

    #[test]
    fn only_this_machine_without_tls_is_loopback() {
        for near in ["localhost:8780", "127.0.0.1:8780", "[::1]:8780", "127.0.0.1"] {
            assert!(on_loopback(&host(near)), "{near}");
        }
        for far in ["muavu.vinhlong.gov.vn", "10.0.0.7:8780", "localhost.evil.example", ""] {
            assert!(!on_loopback(&host(far)), "{far}");
        }
        let mut proxied = host("127.0.0.1:8780");
        proxied.insert("x-forwarded-proto", HeaderValue::from_static("https"));
        assert!(!on_loopback(&proxied), "a proxy with TLS stands before us");
    }

    #[test]
    fn the_policy_allows_nothing_written_inside_a_page() {
        assert!(!POLICY.contains("unsafe") && POLICY.starts_with("default-src 'none'"));
    }
}
