//! Placeholder until the validator lands.
use serde_json::Value;
use crate::problem::Problem;
pub struct Schema;
pub struct Fault { pub at: String, pub keyword: &'static str, pub message: String }
impl Schema {
    pub fn parse(_: &Value) -> Result<Schema, Vec<Problem>> { Ok(Schema) }
    pub fn check(&self, _: &Value) -> Vec<Fault> { Vec::new() }
}
