//! RSA signatures, PKCS #1 version 1.5 (RFC 8017 section 8.2.2): verifying only.
//!
//! No secret is involved, and nothing of what the signature holds is parsed: the one block that the standard allows is
//! built and compared whole, which is what the forgeries of the past got round.

use super::KeyError;
use crypto_bigint::Uint;
use crypto_bigint::modular::runtime_mod::{DynResidue, DynResidueParams};
use sha2::{Digest, Sha256, Sha512};

/// Bits that a modulus has at least. OpenSSH's own bound (`RequiredRSASize`) is 1024, which is within reach of a state.
pub(super) const LEAST: usize = 2048;

/// Bits that a modulus has at most: what a stranger's signature may cost is bounded.
pub(super) const MOST: usize = 8192;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rsa {
    modulus: Vec<u8>,
    exponent: u64,
}

/// The digest that the message goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    /// `rsa-sha2-256`.
    Sha256,
    /// `rsa-sha2-512`.
    Sha512,
}

impl Rsa {
    /// Of numbers without leading zeros.
    pub(super) fn new(exponent: &[u8], modulus: &[u8]) -> Result<Rsa, KeyError> {
        let leading = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        let bits = (modulus.len() * 8).saturating_sub(leading);
        if bits < LEAST {
            return Err(KeyError::Short { bits });
        }
        if bits > MOST {
            return Err(KeyError::Long { bits });
        }
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        if exponent.len() > 8 || !odd(exponent) || !odd(modulus) {
            return Err(KeyError::Numbers);
        }
        let exponent = exponent.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
        if exponent < 3 {
            return Err(KeyError::Numbers);
        }
        Ok(Rsa { modulus: modulus.to_vec(), exponent })
    }

    /// What two keys of one private half share.
    pub(super) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// Whether this is the signature of the message.
    pub(super) fn verifies(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        // Leading zeros are left out by some tools, and put back by OpenSSH.
        if signature.len() > self.modulus.len() {
            return false;
        }
        let block = block(hash, message, self.modulus.len());
        if self.modulus.len() <= 512 {
            self.opens::<{ 512 * 8 / crypto_bigint::Limb::BITS }>(512, signature, &block)
        } else {
            self.opens::<{ 1024 * 8 / crypto_bigint::Limb::BITS }>(1024, signature, &block)
        }
    }

    fn opens<const LIMBS: usize>(&self, size: usize, signature: &[u8], block: &[u8]) -> bool {
        let modulus = number::<LIMBS>(size, &self.modulus);
        let signature = number::<LIMBS>(size, signature);
        if signature >= modulus {
            return false;
        }
        // Odd, as it asks for: `new` has seen to it.
        let parameters = DynResidueParams::new(&modulus);
        let exponent = Uint::<{ 64 / crypto_bigint::Limb::BITS }>::from_u64(self.exponent);
        let opened = DynResidue::new(&signature, parameters).pow(&exponent).retrieve();
        opened == number::<LIMBS>(size, block)
    }
}

/// The number of these big-endian bytes, of which there are at most `size`, the bytes of so many limbs.
fn number<const LIMBS: usize>(size: usize, bytes: &[u8]) -> Uint<LIMBS> {
    let mut padded = vec![0; size.saturating_sub(bytes.len())];
    padded.extend_from_slice(bytes);
    Uint::from_be_slice(&padded)
}

/// `EMSA-PKCS1-v1_5` (section 9.2) of a message, for a modulus of so many bytes.
fn block(hash: Hash, message: &[u8], size: usize) -> Vec<u8> {
    // The DER of `DigestInfo` up to the digest itself, from note 1 there.
    let (oid, digest): (u8, Vec<u8>) = match hash {
        Hash::Sha256 => (1, Sha256::digest(message).to_vec()),
        Hash::Sha512 => (3, Sha512::digest(message).to_vec()),
    };
    let length = u8::try_from(digest.len()).unwrap_or_default();
    let mut info =
        vec![0x30, length + 17, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, oid, 5, 0, 4, length];
    info.extend(digest);
    let mut block = vec![0, 1];
    block.resize(size.saturating_sub(info.len() + 1), 0xFF);
    block.push(0);
    block.extend(info);
    block
}
