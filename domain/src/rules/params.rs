//! The parameters of a scoring method as indicator rows write them: `floor=60`, `step=2;cut=5`,
//! `bands=100-80;80-60;60-0`.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::lang::{Lang, Say};
use crate::number::half_width;

/// Parameters of a formula; what a row doesn't give is taken from the rule set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// 及格门槛 of `PROP_UP`, as a fraction of the target. Written as a fraction (`0.6`) or in percent (`60`).
    pub pass: Option<Decimal>,
    /// Size of a step of `STEP`, in the indicator's unit.
    pub step: Option<Decimal>,
    /// Cut per started step, in percent of the weight.
    pub cut: Option<Decimal>,
    /// Below this actual value, satisfaction scores nothing.
    pub floor: Option<Decimal>,
    /// Grade bands as (from, to) in percent, in the order of the rule set's grades.
    pub bands: Option<Vec<(Decimal, Decimal)>>,
}

/// The text isn't a list of parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ParamsError {
    /// No such parameter.
    #[error("unknown parameter {0:?}")]
    Unknown(String),
    /// The value isn't a number, or not in range.
    #[error("parameter {name:?} has the value {value:?}")]
    Value {
        /// The parameter.
        name: String,
        /// What it was set to.
        value: String,
    },
}

impl Say for ParamsError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Unknown(name), Lang::Zh) => format!("没有“{name}”这个参数，可用 pass、step、cut、floor、bands"),
            (Self::Unknown(name), Lang::En) => {
                format!("there is no parameter \"{name}\"; known are pass, step, cut, floor, bands")
            }
            (Self::Value { name, value }, Lang::Zh) => format!("参数 {name} 的值“{value}”不是可用的数"),
            (Self::Value { name, value }, Lang::En) => format!("parameter {name}: \"{value}\" is not a usable number"),
        }
    }
}

impl Params {
    /// Reads `name=value;name=value`. Full-width punctuation is accepted; blanks don't count.
    ///
    /// # Errors
    /// [`ParamsError`] for the first parameter that is unknown or has no usable value.
    pub fn parse(text: &str) -> Result<Self, ParamsError> {
        let mut params = Self::default();
        for (name, value) in pairs(text) {
            params.set(&name, &value)?;
        }
        Ok(params)
    }

    /// These parameters, completed by defaults.
    #[must_use]
    pub fn or(self, defaults: Self) -> Self {
        Self {
            pass: self.pass.or(defaults.pass),
            step: self.step.or(defaults.step),
            cut: self.cut.or(defaults.cut),
            floor: self.floor.or(defaults.floor),
            bands: self.bands.or(defaults.bands),
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), ParamsError> {
        let wrong = || ParamsError::Value { name: name.to_owned(), value: value.to_owned() };
        let number = || value.parse::<Decimal>().ok().filter(|number| !number.is_sign_negative()).ok_or_else(wrong);
        let positive = || number().and_then(|step| if step.is_zero() { Err(wrong()) } else { Ok(step) });
        match name {
            "pass" => self.pass = Some(as_fraction(number()?)),
            "step" => self.step = Some(positive()?),
            "cut" => self.cut = Some(number()?),
            "floor" => self.floor = Some(number()?),
            "bands" => self.bands = Some(bands(value).ok_or_else(wrong)?),
            _ => return Err(ParamsError::Unknown(name.to_owned())),
        }
        Ok(())
    }
}

/// A threshold above 1 was written in percent, as the samples write all their percentages.
fn as_fraction(threshold: Decimal) -> Decimal {
    if threshold > Decimal::ONE { threshold / Decimal::ONE_HUNDRED } else { threshold }
}

/// Splits at semicolons; a piece without `=` belongs to the value before it, as in `bands`.
fn pairs(text: &str) -> Vec<(String, String)> {
    let plain: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let mut pairs: Vec<(String, String)> = Vec::new();
    for piece in plain.split(';').filter(|piece| !piece.is_empty()) {
        match (piece.split_once('='), pairs.last_mut()) {
            (Some((name, value)), _) => pairs.push((name.to_lowercase(), value.trim_end_matches('%').to_owned())),
            (None, Some((_, value))) => {
                value.push(';');
                value.push_str(piece);
            }
            (None, None) => pairs.push((piece.to_owned(), String::new())),
        }
    }
    pairs
}

/// `100-80;80-60;60-0` as (from, to) pairs, either way round.
fn bands(text: &str) -> Option<Vec<(Decimal, Decimal)>> {
    text.split(';')
        .map(|band| {
            let (a, b) = band.split_once('-')?;
            let (a, b): (Decimal, Decimal) = (a.parse().ok()?, b.parse().ok()?);
            Some((a.min(b), a.max(b)))
        })
        .collect()
}
