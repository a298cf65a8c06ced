//! The file of learned weights: a magic, a schema version, a JSON header, arrays of 32-bit floats, and a checksum over all of it. A file with any byte changed is refused.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::text::hash::hash128;

const MAGIC: &[u8; 8] = b"GMWEIGHT";

/// Writes weights. Layout, little-endian: magic, version (u32), header length (u32), header, number of arrays (u32), then for each its length (u32) and its floats, then XXH3-128 of all that.
pub fn to_bytes<H: Serialize>(version: u32, header: &H, arrays: &[&[f32]]) -> Vec<u8> {
    let arrays = arrays.iter().map(|array| (array.len(), array.iter().flat_map(|value| value.to_le_bytes()).collect()));
    write(version, header, arrays.collect())
}

/// The same for weights that were rounded to bytes: the length of an array is then one of bytes.
pub fn bytes_to_bytes<H: Serialize>(version: u32, header: &H, arrays: &[&[u8]]) -> Vec<u8> {
    write(version, header, arrays.iter().map(|array| (array.len(), array.to_vec())).collect())
}

/// Reads weights back; `name` stands for the file in messages.
///
/// # Errors
/// When the file is not whole, was changed, or is of another version.
pub fn from_bytes<H: DeserializeOwned>(name: &str, version: u32, bytes: &[u8]) -> Result<(H, Vec<Vec<f32>>)> {
    let (header, arrays) = read(name, version, bytes, size_of::<f32>())?;
    let floats = |array: &[u8]| array.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().expect("chunks of four"))).collect();
    Ok((header, arrays.into_iter().map(floats).collect()))
}

/// Reads back what [`bytes_to_bytes`] wrote.
///
/// # Errors
/// As [`from_bytes`] has them.
pub fn bytes_from_bytes<'b, H: DeserializeOwned>(name: &str, version: u32, bytes: &'b [u8]) -> Result<(H, Vec<&'b [u8]>)> {
    read(name, version, bytes, 1)
}

/// Arrays, each with its length in values.
fn write<H: Serialize>(version: u32, header: &H, arrays: Vec<(usize, Vec<u8>)>) -> Vec<u8> {
    let header = serde_json::to_vec(header).expect("headers are plain structs of strings and finite numbers");
    let mut bytes = MAGIC.to_vec();
    let push =
        |n: usize, bytes: &mut Vec<u8>| bytes.extend_from_slice(&u32::try_from(n).expect("parts of a model are below 4 GiB").to_le_bytes());
    bytes.extend_from_slice(&version.to_le_bytes());
    push(header.len(), &mut bytes);
    bytes.extend_from_slice(&header);
    push(arrays.len(), &mut bytes);
    for (n_values, array) in arrays {
        push(n_values, &mut bytes);
        bytes.extend(array);
    }
    let sum = hash128(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// Header and arrays of values that have `size` bytes.
fn read<'b, H: DeserializeOwned>(name: &str, version: u32, bytes: &'b [u8], size: usize) -> Result<(H, Vec<&'b [u8]>)> {
    let damaged = |what: &str| Error::new(format!("the model {name} cannot be used: {what}; train it again"));
    let (body, sum) = bytes.split_last_chunk::<16>().ok_or_else(|| damaged("it is too short"))?;
    if !body.starts_with(MAGIC) {
        return Err(damaged("it is not a model file"));
    }
    if hash128(body) != u128::from_le_bytes(*sum) {
        return Err(damaged("its checksum does not fit, so a byte was changed or is missing"));
    }
    let mut rest = &body[MAGIC.len()..];
    let mut take = |n: usize| -> Result<&[u8]> {
        let (head, after) = rest.split_at_checked(n).ok_or_else(|| damaged("it ends early"))?;
        rest = after;
        Ok(head)
    };
    let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four bytes")) as usize;
    let found = number(take(4)?);
    if found != version as usize {
        return Err(damaged(&format!("it is of version {found}, this program reads version {version}")));
    }
    let header_length = number(take(4)?);
    let header = serde_json::from_slice(take(header_length)?).map_err(|error| damaged(&error.to_string()))?;
    let n_arrays = number(take(4)?);
    let mut arrays = Vec::new();
    for _ in 0..n_arrays {
        let n = number(take(4)?);
        arrays.push(take(n.checked_mul(size).ok_or_else(|| damaged("an array is too long"))?)?);
    }
    if rest.is_empty() { Ok((header, arrays)) } else { Err(damaged("it is longer than it says")) }
}
