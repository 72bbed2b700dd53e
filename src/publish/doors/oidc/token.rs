//! The ID token: who signed it, for whom, when, in answer to which attempt (OpenID Connect Core 1.0,
//! 3.1.3.7; RFC 8725).

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::refused::Refused;
use super::signature;
use crate::publish::doors::secrets;

/// How far the provider's clock may be from ours. RFC 7519, 4.1.4: "some small leeway, usually no
/// more than a few minutes"; machines with NTP are within a second.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Characters of `sub` at most (OpenID Connect Core 1.0, 2); other claims are held to it too.
const SUBJECT_CHARS_MAX: usize = 255;

/// What a token must be for.
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub client: &'a str,
    pub nonce: &'a str,
    /// When the attempt began: an older token is not the answer to it.
    pub begun_at: Timestamp,
    pub now: Timestamp,
}

/// What a token says. Numbers must be numbers and texts texts; a token with others is refused.
#[derive(Debug, Deserialize)]
struct Said {
    #[serde(rename = "iss")]
    _issuer: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    /// Seconds since 1970, as the other two times.
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: String,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What is known of the person once the token holds.
#[derive(Debug)]
pub(super) struct Subject {
    /// The provider's name for the person.
    pub sub: String,
    more: Map<String, Value>,
}

impl Subject {
    /// Returns a claim that names the person, when the token carries it.
    pub(super) fn claim(&self, name: &str) -> Option<String> {
        if name == "sub" { Some(self.sub.clone()) } else { named(self.more.get(name)?) }
    }
}

/// Returns the text of a claim that can name somebody.
pub(super) fn named(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    let fits = !text.trim().is_empty() && text.chars().count() <= SUBJECT_CHARS_MAX;
    fits.then_some(text)
}

/// Returns the header of a token that may be checked at all: signed by a public-key algorithm (never
/// "none", never with our own secret as key), asking for nothing that we do not know.
pub(super) fn header(token: &str) -> Result<Header, Refused> {
    let header =
        decode_header(token).map_err(|_| Refused::Token("its header is not understood"))?;
    if matches!(header.alg, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) {
        return Err(Refused::Token("its algorithm is not allowed"));
    }
    if header.crit.is_some() {
        return Err(Refused::Token("it asks for what is not known here"));
    }
    Ok(header)
}

/// Returns the key that a header names; one without a name fits only when no other could be meant.
pub(super) fn key_of<'a>(keys: &'a [Jwk], header: &Header) -> Option<&'a Jwk> {
    let mut fitting = keys.iter().filter(|key| fits(key, header.alg));
    match &header.kid {
        Some(id) => fitting.find(|key| key.common.key_id.as_ref() == Some(id)),
        None => fitting.next().filter(|_| fitting.next().is_none()),
    }
}

/// Returns whether a key is for signatures of this algorithm.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), RS256 | RS384 | RS512 | PS256 | PS384 | PS512) => true,
        (AlgorithmParameters::EllipticCurve(point), ES256) => point.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(point), ES384) => point.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(pair), EdDSA) => pair.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let signs = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let named = key.common.key_algorithm.map(|named| named.to_string());
    kind && signs && named.is_none_or(|named| named == format!("{algorithm:?}"))
}

/// Returns who a token speaks of, when all of it holds.
///
/// # Errors
/// [`Refused::Token`] with what does not hold.
pub(super) fn subject(
    token: &str,
    header: &Header,
    key: &Jwk,
    expected: &Expected<'_>,
) -> Result<Subject, Refused> {
    signature::install();
    let key = DecodingKey::from_jwk(key).map_err(|_| Refused::Token("its key is broken"))?;
    let mut rules = Validation::new(header.alg);
    rules.set_issuer(&[expected.issuer]);
    rules.set_audience(&[expected.client]);
    rules.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
    // Times are held against our own clock below, which a test can set.
    rules.validate_exp = false;
    let said = decode::<Said>(token, &key, &rules).map_err(|error| Refused::Token(why(&error)))?;
    let said = said.claims;
    let demand = |holds: bool, what| if holds { Ok(()) } else { Err(Refused::Token(what)) };
    demand(said.is_for_nobody_but(expected.client), "it is for others too")?;
    demand(secrets::same(&said.nonce, expected.nonce), "its nonce is another attempt's")?;
    let (now, skew) = (secs(expected.now), SKEW.as_secs_f64());
    demand(now < said.exp + skew, "it has expired")?;
    demand(said.iat <= now + skew, "it was issued in the future")?;
    demand(said.iat >= secs(expected.begun_at) - skew, "it is older than the attempt")?;
    demand(said.nbf.is_none_or(|from| from <= now + skew), "it is not valid yet")?;
    let sub = named(&Value::String(said.sub)).ok_or(Refused::Token("its subject names nobody"))?;
    Ok(Subject { sub, more: said.more })
}

impl Said {
    /// Returns whether we are the only audience, and the party it was issued to where one is named.
    fn is_for_nobody_but(&self, client: &str) -> bool {
        let only = match &self.aud {
            Audience::One(one) => one == client,
            Audience::Several(all) => all.iter().all(|one| one == client),
        };
        only && self.azp.as_ref().is_none_or(|party| party == client)
    }
}

fn secs(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

/// Returns what the library found, in words that hold nothing of the token.
fn why(error: &jsonwebtoken::errors::Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidSignature => "its signature is not the provider's",
        ErrorKind::InvalidIssuer => "it is another provider's",
        ErrorKind::InvalidAudience => "it is for another",
        ErrorKind::InvalidAlgorithm => "its algorithm is not allowed",
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing",
        _ => "it is not well formed",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(more: Value) -> Jwk {
        let mut key = json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"});
        let fields = key.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        serde_json::from_value(key).unwrap()
    }

    fn asked(id: Option<&str>) -> Header {
        Header { kid: id.map(str::to_owned), ..Header::new(Algorithm::ES256) }
    }

    #[test]
    fn a_key_is_found_by_its_name_or_when_it_is_the_only_one() {
        let keys = [key(json!({"kid": "a"})), key(json!({"kid": "b", "use": "sig"}))];
        assert_eq!(key_of(&keys, &asked(Some("b"))), Some(&keys[1]));
        assert_eq!(key_of(&keys, &asked(Some("c"))), None, "not there");
        assert_eq!(key_of(&keys, &asked(None)), None, "which of the two is not said");
        assert_eq!(key_of(&keys[..1], &asked(None)), Some(&keys[0]));
    }

    #[test]
    fn a_key_for_something_else_is_no_key() {
        let hmac = json!({"kty": "oct", "k": "AA", "kid": "a"});
        for other in [
            key(json!({"kid": "a", "use": "enc"})),
            key(json!({"kid": "a", "alg": "ES384"})),
            key(json!({"kid": "a", "crv": "P-384"})),
            serde_json::from_value(hmac).unwrap(),
        ] {
            assert_eq!(key_of(std::slice::from_ref(&other), &asked(Some("a"))), None, "{other:?}");
        }
    }

    #[test]
    fn a_claim_names_somebody_only_as_a_text_or_a_whole_number() {
        assert_eq!(named(&json!("086091000123")).as_deref(), Some("086091000123"));
        assert_eq!(named(&json!(86_091_000_123_u64)).as_deref(), Some("86091000123"));
        for nobody in [json!(""), json!(" "), json!(1.5), json!(null), json!(["a"]), json!({})] {
            assert_eq!(named(&nobody), None, "{nobody}");
        }
        assert_eq!(named(&json!("x".repeat(256))), None);
    }
}
