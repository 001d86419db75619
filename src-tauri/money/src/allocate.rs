//! Splitting an amount into parts that add up to it exactly.

use crate::{AmountError, Money};

/// Splits `total` in proportion to `weights` by largest remainder, so the parts always add up to `total`.
/// Equal remainders go to the earlier part. Negative weights count as zero; if no weight is positive, the first
/// part gets everything. An empty list gives an empty list.
pub fn allocate(total: Money, weights: &[i64]) -> Result<Vec<Money>, AmountError> {
    let weights: Vec<i128> = weights.iter().map(|weight| i128::from((*weight).max(0))).collect();
    let whole: i128 = weights.iter().sum();
    if weights.is_empty() {
        return Ok(Vec::new());
    }
    let mut parts = vec![0_i128; weights.len()];
    if whole == 0 {
        parts[0] = i128::from(total.minor());
    } else {
        let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
        for (index, weight) in weights.iter().enumerate() {
            let product = i128::from(total.minor()).checked_mul(*weight).ok_or(AmountError::TooLarge)?;
            parts[index] = product / whole;
            remainders.push(((product % whole).abs(), index));
        }
        let unit = if total.minor() < 0 { -1 } else { 1 };
        let missing = (i128::from(total.minor()) - parts.iter().sum::<i128>()).unsigned_abs();
        remainders.sort_by_key(|(remainder, index)| (std::cmp::Reverse(*remainder), *index));
        let missing = usize::try_from(missing).map_err(|_| AmountError::TooLarge)?;
        for (_, index) in remainders.into_iter().take(missing) {
            parts[index] += unit;
        }
    }
    parts
        .into_iter()
        .map(|part| i64::try_from(part).map(|minor| Money::from_minor(minor, total.currency())))
        .collect::<Result<_, _>>()
        .map_err(|_| AmountError::TooLarge)
}

/// Splits `total` in proportion to weights of either sign by largest remainder: a discount on the whole of a document whose lines
/// include something given back. The parts add up to `total` exactly, and each is off its exact share by less than one unit. When
/// the weights add up to nothing there is no proportion, and [`allocate`] decides.
pub fn allocate_signed(total: Money, weights: &[i64]) -> Result<Vec<Money>, AmountError> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if whole == 0 || weights.iter().all(|weight| *weight >= 0) {
        return allocate(total, weights);
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let product = i128::from(total.minor()).checked_mul(i128::from(*weight)).ok_or(AmountError::TooLarge)?;
        // Both divided by a positive whole, so that what is missing is always added.
        let (product, whole) = if whole < 0 { (-product, -whole) } else { (product, whole) };
        parts.push(product.div_euclid(whole));
        remainders.push((product.rem_euclid(whole), index));
    }
    let missing = usize::try_from(i128::from(total.minor()) - parts.iter().sum::<i128>());
    remainders.sort_by_key(|(remainder, index)| (std::cmp::Reverse(*remainder), *index));
    for (_, index) in remainders.into_iter().take(missing.map_err(|_| AmountError::TooLarge)?) {
        parts[index] += 1;
    }
    let money = |part| i64::try_from(part).map(|minor| Money::from_minor(minor, total.currency()));
    parts.into_iter().map(money).collect::<Result<_, _>>().map_err(|_| AmountError::TooLarge)
}
