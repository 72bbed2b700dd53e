//! Tokens that are wrong in anything: each lets nobody in and is noted, without any secret.

use aws_lc_rs::signature::KeyPair as _;
use muavu::ops::clock;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::evil::{
    Attempt, Evil, Key, SECRET, base64url, claims, house_of, last_note, message, round, session,
};
use crate::doors::house::House;

/// What is wrong in the claims of a token, and what the log says of it.
type Wrong = (&'static str, fn(&mut Value, i64), &'static str);

const WRONG_CLAIMS: &[Wrong] = &[
    ("another issuer", |c, _| c["iss"] = json!("https://evil.example"), "another provider's"),
    ("issuers in a list", |c, _| c["iss"] = json!([c["iss"]]), "not well formed"),
    ("no issuer", |c, _| without(c, "iss"), "not well formed"),
    ("for another", |c, _| c["aud"] = json!("other"), "it is for another"),
    ("for others too", |c, _| c["aud"] = json!(["muavu", "other"]), "for others too"),
    ("for nobody", |c, _| without(c, "aud"), "not well formed"),
    ("issued to another party", |c, _| c["azp"] = json!("other"), "for others too"),
    ("expired", |c, now| c["exp"] = json!(now - 61), "expired"),
    ("without end", |c, _| without(c, "exp"), "not well formed"),
    ("an end in words", |c, _| c["exp"] = json!("never"), "not well formed"),
    ("of tomorrow", |c, now| c["iat"] = json!(now + 120), "in the future"),
    ("of an hour ago", |c, now| c["iat"] = json!(now - 3_600), "older than the attempt"),
    ("not valid yet", |c, now| c["nbf"] = json!(now + 120), "not valid yet"),
    ("another nonce", |c, _| c["nonce"] = json!("other"), "nonce"),
    ("no nonce", |c, _| without(c, "nonce"), "not well formed"),
    ("of nobody", |c, _| c["sub"] = json!(""), "names nobody"),
    ("without a subject", |c, _| without(c, "sub"), "not well formed"),
];

fn without(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrong_in_anything_lets_nobody_in_and_is_noted() {
    let (evil, key) = (Evil::start().await, Key::new("a"));
    let house = house_of(&evil, &key, clock::now, "sub").await;
    let good = |attempt: &Attempt| claims(&evil, &attempt.nonce, clock::now());
    let (_, entered) = round(&house, &evil, |attempt| key.token(&good(attempt))).await;
    assert_eq!(entered.headers()["location"], "/ban-duyet", "the right token lets in");
    let (_, entered) = round(&house, &evil, |attempt| {
        let mut claims = good(attempt);
        claims["exp"] = json!(clock::now().as_second() - 30);
        key.token(&claims)
    })
    .await;
    assert!(session(&entered).is_some(), "half a minute is within what clocks may differ");

    for (what, spoil, why) in WRONG_CLAIMS {
        let (attempt, answer) = round(&house, &evil, |attempt| {
            let mut claims = good(attempt);
            spoil(&mut claims, clock::now().as_second());
            key.token(&claims)
        })
        .await;
        refused(&house, what, &attempt, answer, why).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_provider_did_not_sign_lets_nobody_in() {
    let (evil, key) = (Evil::start().await, Key::new("a"));
    let house = house_of(&evil, &key, clock::now, "sub").await;
    let good = |attempt: &Attempt| claims(&evil, &attempt.nonce, clock::now());
    let header = |alg: &str| json!({"alg": alg, "kid": "a"});
    let hmac = |secret: &[u8], text: &str| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        base64url(aws_lc_rs::hmac::sign(&key, text.as_bytes()).as_ref())
    };
    type Forge<'a> = Box<dyn Fn(&Value) -> String + 'a>;
    let other = Key::new("a");
    let unknown = Key::new("z");
    let forged: [(&str, Forge, &str); 8] = [
        ("no signature", Box::new(|c| format!("{}.", message(&header("none"), c))), "header"),
        (
            "signed with our secret",
            Box::new(|c| {
                let text = message(&header("HS256"), c);
                format!("{text}.{}", hmac(SECRET.as_bytes(), &text))
            }),
            "algorithm is not allowed",
        ),
        (
            "signed with the public key as secret",
            Box::new(|c| {
                let text = message(&header("HS256"), c);
                format!("{text}.{}", hmac(key.pair.public_key().as_ref(), &text))
            }),
            "algorithm is not allowed",
        ),
        ("signed by another under the same name", Box::new(|c| other.token(c)), "signature"),
        ("signed by a key nobody knows", Box::new(|c| unknown.token(c)), "key is not among"),
        (
            "another algorithm than the key's",
            Box::new(|c| {
                key.token(c).replacen(
                    &base64url(header("ES256").to_string().as_bytes()),
                    &base64url(header("RS256").to_string().as_bytes()),
                    1,
                )
            }),
            "key is not among",
        ),
        (
            "changed after it was signed",
            Box::new(|c| {
                let mut changed = c.clone();
                changed["sub"] = json!("minh-there");
                let (token, other) = (key.token(c), key.token(&changed));
                let part = |t: &str, at: usize| t.split('.').nth(at).unwrap().to_owned();
                format!("{}.{}.{}", part(&token, 0), part(&other, 1), part(&token, 2))
            }),
            "signature",
        ),
        (
            "asking for what is not known",
            Box::new(|c| {
                let text = message(&json!({"alg": "ES256", "kid": "a", "crit": ["x"]}), c);
                format!("{text}.{}", base64url(&key.sign(&text)))
            }),
            "not known here",
        ),
    ];
    for (what, forge, why) in &forged {
        let (attempt, answer) = round(&house, &evil, |attempt| forge(&good(attempt))).await;
        refused(&house, what, &attempt, answer, why).await;
    }
}

async fn refused(house: &House, what: &str, attempt: &Attempt, answer: Response, why: &str) {
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY, "{what}");
    assert_eq!(session(&answer), None, "{what}");
    let text = answer.text().await.unwrap();
    assert!(text.contains("không hợp lệ nên không ai được vào"), "{what}: {text}");
    let note = last_note(house).await;
    assert!(note.starts_with("was not let in: oidc ") && note.contains(why), "{what}: {note}");
    assert!(note.contains(&attempt.from), "{what}: {note}");
    for secret in [&attempt.state, &attempt.nonce, &attempt.cookie, "eyJ", "lan-there"] {
        assert!(!note.contains(secret) && !text.contains(secret), "{what}: {note}");
    }
}
