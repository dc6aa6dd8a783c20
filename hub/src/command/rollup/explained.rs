//! `rollup --explain`: the steps behind one figure, and every report that went into it with its signature checked
//! anew.

use std::io;

use tongpin_console::output::Output;

use crate::ops::rollup::explain::{Explained, Input};
use crate::ops::rollup::method_text;
use tongpin_console::output::Printed;

impl Input {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { region, name, revision, received_at, approved_by, rules, .. } = self;
        let signature = if self.signature.valid {
            output.pick("签名有效", "signature holds").to_owned()
        } else {
            format!("{}({})", output.pick("签名无效", "SIGNATURE DOES NOT HOLD "), self.signature.detail)
        };
        let digest = self.digest.short();
        let zh = format!(
            "  {region} {name}：第 {revision} 次上报，{received_at} 收到，审核 {approved_by}，规则 {rules}，摘要 {digest}，{signature}"
        );
        let en = format!(
            "  {region} {name}: revision {revision}, received {received_at}, approved by {approved_by}, rules {rules}, digest {digest}, {signature}"
        );
        output.tell(output.pick(&zh, &en))?;
        for group in &self.groups {
            let keys: Vec<&str> = group.keys.iter().map(String::as_str).filter(|key| !key.is_empty()).collect();
            let records = output.pick("条记录", "records");
            let said = group.said.join(output.pick("；", "; "));
            output.tell(&format!("    {}({} {records}): {said}", keys.join(" "), group.records))?;
        }
        Ok(())
    }
}

impl Printed for Explained {
    fn tell(&self, output: Output) -> io::Result<()> {
        let lang = output.lang;
        let method = method_text(self.method, lang);
        output.tell(&format!("{} {}({})", self.figure, self.name, method))?;
        let say = |prefix: &str, text: &str| output.tell(&format!("  {prefix}{text}"));
        for (number, step) in self.steps.iter().enumerate() {
            say(&format!("{}. ", number + 1), step)?;
        }
        for note in &self.notes {
            say(lang.pick("说明：", "Note: "), note)?;
        }
        if self.inputs.is_empty() {
            return output.tell(lang.pick("没有上报计入这个数。", "No report went into it."));
        }
        let zh = format!("计入的上报（{} 份）：", self.inputs.len());
        output.tell(lang.pick(&zh, &format!("Reports that went into it ({}):", self.inputs.len())))?;
        self.inputs.iter().try_for_each(|input| input.tell(output))
    }
}
