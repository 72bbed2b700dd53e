//! Secrets: random tokens of which only the SHA-256 is kept, and passwords as argon2id hashes.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::DoorError;
use crate::domain::{Secret, hex};

/// Memory of one hash, KiB; rounds; lanes. OWASP Password Storage Cheat Sheet (2025), argon2id:
/// "m=19456 (19 MiB), t=2, p=1". A hash takes about 20 ms on the machine this is built for.
const ARGON2: (u32, u32, u32) = (19_456, 2, 1);

/// Characters of a password. NIST SP 800-63B-4 (2025) 3.1.1.2: at least 15 where the password is all
/// there is; no rule about kinds of characters; at least 64 must be accepted. A longer one than the
/// most here only costs time.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 15..=256;

/// Bytes of a token: 256 bits from the system cannot be guessed.
const TOKEN_BYTES: usize = 32;

/// Returns a new token, 64 hexadecimal digits.
///
/// # Errors
/// [`DoorError::Random`] when the system gives no random bytes.
pub fn token() -> Result<Secret, DoorError> {
    let mut bytes = [0_u8; TOKEN_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| DoorError::Random)?;
    Ok(Secret::new(hex(&bytes)))
}

/// Returns what is kept of a token. Without salt or stretching: 256 random bits need neither.
#[must_use]
pub fn kept(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Returns the word that every form of a session must carry: made from the session's own secret, so
/// that another site can neither read nor make it (OWASP CSRF Cheat Sheet, "HMAC based token").
#[must_use]
pub fn form_word(session: &str) -> String {
    // A key of any length is taken.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(session.as_bytes()) else { return String::new() };
    hex(&mac.chain_update(b"muavu form").finalize().into_bytes())
}

/// Returns whether two texts are the same, in a time that does not tell where they differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

/// Refuses a password that is too short or too long, or that is the account's name.
///
/// # Errors
/// [`DoorError::Password`] with what is allowed.
pub fn check_password(name: &str, password: &Secret) -> Result<(), DoorError> {
    let text = password.expose();
    let count = text.chars().count();
    if !PASSWORD_CHARS.contains(&count) {
        return Err(DoorError::Password("mật khẩu phải dài từ 15 đến 256 ký tự"));
    }
    let plain = text.to_lowercase();
    let first = plain.chars().next();
    if plain.contains(&name.to_lowercase()) || plain.chars().all(|c| Some(c) == first) {
        return Err(DoorError::Password(
            "mật khẩu không được chứa tên đăng nhập, cũng không được chỉ lặp một ký tự",
        ));
    }
    Ok(())
}

/// Returns the hash of a password, as PHC text. Takes some 20 ms: not on a thread that serves.
///
/// # Errors
/// [`DoorError::Random`] when the system gives no salt.
pub fn hash(password: &Secret) -> Result<Secret, DoorError> {
    let hash = argon2()?.hash_password(password.expose().as_bytes());
    Ok(Secret::new(hash.map_err(|_| DoorError::Random)?.to_string()))
}

/// Returns whether the password belongs to the hash. Without a hash it takes the same time and says
/// no, so that nobody learns which accounts exist.
#[must_use]
pub fn matches(password: &Secret, stored: Option<&Secret>) -> bool {
    static NOBODY: OnceLock<Option<Secret>> = OnceLock::new();
    let nobody = NOBODY.get_or_init(|| hash(&token().ok()?).ok());
    let against = stored.or(nobody.as_ref());
    let verified = against.and_then(|hash| {
        let hash = PasswordHash::new(hash.expose()).ok()?;
        Argon2::default().verify_password(password.expose().as_bytes(), &hash).ok()
    });
    stored.is_some() && verified.is_some()
}

fn argon2() -> Result<Argon2<'static>, DoorError> {
    let (memory_kib, rounds, lanes) = ARGON2;
    let params = Params::new(memory_kib, rounds, lanes, None).map_err(|_| DoorError::Random)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_argon2id_with_the_parameters_of_owasp() {
        let password = Secret::new("một câu dài dễ nhớ");
        let hash = hash(&password).unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "wrong parameters");
        assert!(matches(&password, Some(&hash)));
        assert!(!matches(&Secret::new("một câu dài dễ quên"), Some(&hash)));
        assert!(!matches(&password, None), "an account without a password lets nobody in");
    }

    #[test]
    fn short_passwords_and_names_are_refused() {
        let refused = |text: &str| check_password("lan", &Secret::new(text)).is_err();
        assert!(
            refused("ngắn quá") && refused("aaaaaaaaaaaaaaaaaaaa") && refused(&"x".repeat(257))
        );
        assert!(refused("con đường của Lan về"), "the name stands in it");
        assert!(!refused("con đường về vườn dừa"));
    }

    #[test]
    fn tokens_differ_and_the_form_word_belongs_to_its_session() {
        let (a, b) = (token().unwrap(), token().unwrap());
        assert_eq!(a.expose().len(), 64);
        assert_ne!(a, b);
        assert_ne!(form_word(a.expose()), form_word(b.expose()));
        assert_ne!(kept(a.expose()), form_word(a.expose()), "the stored hash is not the word");
    }
}
