//! Canonical JSON of plain data, written in one go: keys sorted by byte, no blank space, nothing escaped that need not be,
//! and without origins.
//!
//! A daemon takes the fingerprint of its configuration at every reload; a tree of `serde_json::Value` in between would cost
//! most of that.

use serde::Serialize;
use serde::ser::{self, SerializeMap, SerializeStruct, SerializeStructVariant};
use std::borrow::Cow;
use std::fmt::{self, Display, Write};
use std::ops::Range;

/// The canonical form of a value.
///
/// # Errors
/// If it holds a map whose keys are no strings, or a number that JSON has not.
pub fn to_string(value: &impl Serialize) -> Result<String, Error> {
    let mut out = String::new();
    value.serialize(Writer { out: &mut out })?;
    Ok(out)
}

/// Why something has no canonical form.
#[derive(Debug)]
pub struct Error(String);

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Error(message.to_string())
    }
}

/// Fields that say where something was written, and nothing of what it means.
fn is_origin(key: &str) -> bool {
    key == "origin" || key == "origins"
}

struct Writer<'o> {
    out: &'o mut String,
}

impl Writer<'_> {
    fn display(self, value: impl Display) -> Result<(), Error> {
        write!(self.out, "{value}").map_err(ser::Error::custom)
    }

    fn json(self, value: &impl Serialize) -> Result<(), Error> {
        self.out.push_str(&serde_json::to_string(value).map_err(ser::Error::custom)?);
        Ok(())
    }
}

/// `{"variant":`, what follows, and `}`.
fn variant<R>(out: &mut String, name: &str, inside: impl FnOnce(&mut String) -> Result<R, Error>) -> Result<R, Error> {
    out.push('{');
    Writer { out }.json(&name)?;
    out.push(':');
    inside(out)
}

/// Items of an array; `closes` stands behind them.
struct Items<'o> {
    out: &'o mut String,
    is_first: bool,
    closes: &'static str,
}

impl<'o> Items<'o> {
    fn new(out: &'o mut String, closes: &'static str) -> Self {
        out.push('[');
        Items { out, is_first: true, closes }
    }

    fn item(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(',');
        }
        value.serialize(Writer { out: self.out })
    }

    fn close(self) -> Result<(), Error> {
        self.out.push_str(self.closes);
        Ok(())
    }
}

/// Fields of an object, in the order in which they come; they are put in order at the end.
struct Fields<'o> {
    out: &'o mut String,
    start: usize,
    /// Each key, and where it stands with its value.
    fields: Vec<(Cow<'static, str>, Range<usize>)>,
    /// The key whose value is awaited, of maps.
    key: Option<String>,
    closes: &'static str,
}

impl<'o> Fields<'o> {
    fn new(out: &'o mut String, length: usize, closes: &'static str) -> Self {
        out.push('{');
        let start = out.len();
        Fields { out, start, fields: Vec::with_capacity(length), key: None, closes }
    }

    fn field(&mut self, key: Cow<'static, str>, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        if is_origin(&key) {
            return Ok(());
        }
        if !self.fields.is_empty() {
            self.out.push(',');
        }
        let start = self.out.len();
        Writer { out: self.out }.json(&key)?;
        self.out.push(':');
        value.serialize(Writer { out: self.out })?;
        self.fields.push((key, start..self.out.len()));
        Ok(())
    }

    fn close(mut self) -> Result<(), Error> {
        if !self.fields.is_sorted_by(|(one, _), (other, _)| one <= other) {
            self.fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            let written = self.out.split_off(self.start);
            for (index, (_, place)) in self.fields.iter().enumerate() {
                if index > 0 {
                    self.out.push(',');
                }
                self.out.push_str(&written[place.start - self.start..place.end - self.start]);
            }
        }
        self.out.push_str(self.closes);
        Ok(())
    }
}

impl<'o> ser::Serializer for Writer<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'o>;
    type SerializeTuple = Items<'o>;
    type SerializeTupleStruct = Items<'o>;
    type SerializeTupleVariant = Items<'o>;
    type SerializeMap = Fields<'o>;
    type SerializeStruct = Fields<'o>;
    type SerializeStructVariant = Fields<'o>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.json(&value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.json(&value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.json(&value)
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.json(&value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.json(&value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.display("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.display("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.display("null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.json(&variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        variant(self.out, name, |out| {
            value.serialize(Writer { out })?;
            out.push('}');
            Ok(())
        })
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'o>, Error> {
        Ok(Items::new(self.out, "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'o>, Error> {
        Ok(Items::new(self.out, "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'o>, Error> {
        Ok(Items::new(self.out, "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items<'o>, Error> {
        variant(self.out, name, |_| Ok(()))?;
        Ok(Items::new(self.out, "]}"))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Fields<'o>, Error> {
        Ok(Fields::new(self.out, length.unwrap_or_default(), "}"))
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Fields<'o>, Error> {
        Ok(Fields::new(self.out, length, "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Fields<'o>, Error> {
        variant(self.out, name, |_| Ok(()))?;
        Ok(Fields::new(self.out, length, "}}"))
    }
}

macro_rules! items {
    ($($trait:ident $method:ident)*) => {$(
        impl ser::$trait for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )*};
}

items! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

impl SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.field(Cow::Borrowed(key), value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStructVariant for Fields<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.field(Cow::Borrowed(key), value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = Some(match serde_json::to_value(key).map_err(ser::Error::custom)? {
            serde_json::Value::String(key) => key,
            other => return Err(Error(format!("{other} is no key"))),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take().ok_or_else(|| Error("a value without a key".to_owned()))?;
        self.field(Cow::Owned(key), value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
