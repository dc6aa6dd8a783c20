//! The two fields by which an account is known: the name to sign in with, and the person or post behind it.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use crate::account::{check_display_name, check_name};
use crate::web::fields::Fields;
use crate::web::shell::Field;

/// What is wrong with each of the two, empty where nothing is.
#[derive(Default)]
pub(in crate::web) struct Named {
    pub(in crate::web) name: String,
    pub(in crate::web) display_name: String,
}

impl Named {
    /// What is wrong with what was typed.
    pub(in crate::web) fn check(typed: &Fields, lang: Lang) -> Self {
        Self {
            name: check_name(typed.text("name"), lang),
            display_name: check_display_name(typed.text("display_name"), lang),
        }
    }

    /// Whether anything is wrong.
    pub(in crate::web) fn any(&self) -> bool {
        !self.name.is_empty() || !self.display_name.is_empty()
    }

    /// The two fields; `fill` is what a browser may fill the name in from.
    pub(in crate::web) fn draw(&self, typed: &Fields, fill: &str, lang: Lang) -> Markup {
        let name = Field {
            name: "name",
            label: lang.pick("登录名", "Name to sign in with"),
            value: typed.text("name"),
            hint: lang.pick(
                "字母、数字、汉字或 . - _，2 至 32 个；建立后不能更改",
                "2 to 32 letters, digits, or . - _; it cannot be changed",
            ),
            error: &self.name,
            fill,
            ..Field::default()
        };
        let display_name = Field {
            name: "display_name",
            label: lang.pick("姓名或岗位", "Person or post"),
            value: typed.text("display_name"),
            hint: lang.pick("例如：预算科经办", "such as: budget division, entering"),
            error: &self.display_name,
            ..Field::default()
        };
        html! { (name.draw()) (display_name.draw()) }
    }
}
