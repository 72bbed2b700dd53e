//! Addresses of people at rest: sealed with AES-256-GCM (NIST SP 800-38D), looked up by an
//! HMAC-SHA256 (RFC 2104), both under keys that lie in one file of the home and nowhere else.
//!
//! Whoever has the database and not the key has no number; whoever loses the key has none either, so
//! that the file belongs into the backup, apart from the database.

use std::fmt;
use std::path::Path;
use std::str::FromStr as _;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};

use super::{StorageError, secret_file};
use crate::domain::{Phone, PhoneForm, Secret, hex, unhex};

/// Bytes of each of the two keys.
const KEY_BYTES: usize = 32;

/// Where the keys lie in a home.
const FILE: &str = "secrets/phones.key";

/// Digits of a code that confirms a number.
const CODE_DIGITS: u32 = 6;

/// The keys of a home.
pub struct Vault {
    sealing: LessSafeKey,
    naming: hmac::Key,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// Opens the vault of a home; its keys are made at first use, readable by their owner only.
    ///
    /// # Errors
    /// [`StorageError::Path`] when the file cannot be read or made, [`StorageError::Sealed`] when it
    /// holds no keys.
    pub fn open(home: &Path) -> Result<Self, StorageError> {
        let bytes = secret_file::read_or_make(&home.join(FILE), || random(2 * KEY_BYTES))?;
        let keys =
            bytes.split_at_checked(KEY_BYTES).filter(|(_, second)| second.len() == KEY_BYTES);
        let (first, second) = keys.ok_or(StorageError::Sealed { what: "the file of keys" })?;
        let sealing = UnboundKey::new(&AES_256_GCM, first)
            .map_err(|_| StorageError::Sealed { what: "the file of keys" })?;
        Ok(Self {
            sealing: LessSafeKey::new(sealing),
            naming: hmac::Key::new(hmac::HMAC_SHA256, second),
        })
    }

    /// Returns a name of a number that is always the same and does not tell the number.
    #[must_use]
    pub fn name_of(&self, phone: &Phone) -> String {
        let text = format!("phone {}", phone.expose(PhoneForm::Plus));
        hex(hmac::sign(&self.naming, text.as_bytes()).as_ref())
    }

    /// Returns a name of any other text, for example of an anonymous token.
    #[must_use]
    pub fn name_of_text(&self, kind: &str, text: &str) -> String {
        hex(hmac::sign(&self.naming, format!("{kind} {text}").as_bytes()).as_ref())
    }

    /// Returns the six digits that confirm a number in this round. They are computed anew whenever
    /// they are needed and stored nowhere.
    #[must_use]
    pub fn code(&self, subscription: &str, round: i64) -> String {
        let tag = hmac::sign(&self.naming, format!("code {subscription} {round}").as_bytes());
        let number = tag.as_ref().iter().take(8).fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
        format!("{:06}", number % 10_u64.pow(CODE_DIGITS))
    }

    /// Seals a number for a subscription: it opens for that one only.
    ///
    /// # Errors
    /// [`StorageError::Sealed`] when the system has no randomness.
    pub fn seal(&self, subscription: &str, phone: &Phone) -> Result<String, StorageError> {
        self.seal_text(subscription, &phone.expose(PhoneForm::Plus))
    }

    /// Opens a number.
    ///
    /// # Errors
    /// [`StorageError::Sealed`] when it was sealed under another key or for another subscription.
    pub fn open_phone(&self, subscription: &str, sealed: &str) -> Result<Phone, StorageError> {
        let text = self.open_text(subscription, sealed)?;
        Phone::from_str(text.expose()).map_err(|_| StorageError::Sealed { what: "a number" })
    }

    /// Seals any short text for a subscription.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub fn seal_text(&self, subscription: &str, text: &str) -> Result<String, StorageError> {
        let refused = |_| StorageError::Sealed { what: "an address" };
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(refused)?;
        let mut bytes = text.as_bytes().to_vec();
        let aad = Aad::from(subscription.as_bytes());
        let unique = Nonce::assume_unique_for_key(nonce);
        self.sealing.seal_in_place_append_tag(unique, aad, &mut bytes).map_err(refused)?;
        Ok(hex(&[nonce.as_slice(), &bytes].concat()))
    }

    /// Opens a text.
    ///
    /// # Errors
    /// As [`Vault::open_phone`].
    pub fn open_text(&self, subscription: &str, sealed: &str) -> Result<Secret, StorageError> {
        let refused = || StorageError::Sealed { what: "an address" };
        let bytes = unhex(sealed).ok_or_else(refused)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or_else(refused)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused())?;
        let mut sealed = sealed.to_vec();
        let aad = Aad::from(subscription.as_bytes());
        let opened = self.sealing.open_in_place(nonce, aad, &mut sealed).map_err(|_| refused())?;
        let text = String::from_utf8(opened.to_vec()).map_err(|_| refused())?;
        Ok(Secret::new(text))
    }
}

/// Returns random bytes as hexadecimal digits, for ids and tokens.
#[must_use]
pub fn random_hex(bytes: usize) -> String {
    hex(&random(bytes))
}

/// The generator of aws-lc fails only where the system has none at all; then nothing may go on with
/// zeros, and a short answer is refused wherever it is used.
fn random(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    if rand::fill(&mut bytes).is_err() {
        bytes.clear();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_opens_for_its_subscription_and_under_its_key_only() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let vault = Vault::open(home.path()).unwrap();
        let phone: Phone = "0912345678".parse().unwrap();
        let sealed = vault.seal("s1", &phone).unwrap();
        assert_ne!(sealed, vault.seal("s1", &phone).unwrap(), "never twice the same");
        let again = Vault::open(home.path()).unwrap();
        assert_eq!(again.open_phone("s1", &sealed).unwrap(), phone);
        assert_eq!(again.name_of(&phone), vault.name_of(&phone));
        assert!(vault.open_phone("s2", &sealed).is_err());
        assert!(Vault::open(other.path()).unwrap().open_phone("s1", &sealed).is_err());
        for broken in ["", "zz", "abc", &sealed[2..]] {
            assert!(vault.open_phone("s1", broken).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_keys_are_their_owners() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let _vault = Vault::open(home.path()).unwrap();
        let file = std::fs::metadata(home.path().join(FILE)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(home.path().join("secrets")).unwrap().count(), 1);
        std::fs::write(home.path().join(FILE), b"short").unwrap();
        assert!(Vault::open(home.path()).is_err());
    }

    #[test]
    fn codes_differ_by_round_and_have_six_digits() {
        let vault = Vault::open(tempfile::tempdir().unwrap().path()).unwrap();
        let code = vault.code("s1", 1);
        assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
        assert_eq!(code, vault.code("s1", 1));
        assert_ne!(code, vault.code("s1", 2), "by chance once in a million runs");
    }
}
