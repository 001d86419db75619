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
