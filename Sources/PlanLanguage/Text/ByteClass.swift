/// What a byte can be part of: everything that the lexer knows about characters.
extension UInt8 {
  /// Whether a name can begin with it, which is so for an ASCII letter or `_`.
  @inline(__always)
  var beginsName: Bool {
    let lower = self | 0x20
    return (lower >= 0x61 && lower <= 0x7A) || self == 0x5F
  }

  /// Whether a name can continue with it, which is so for a letter, a digit, `_`, `-` or `+`.
  @inline(__always)
  var continuesName: Bool {
    // A bit map in two words needs no memory access, and no branch depends on the text.
    if self >= 0x80 { return false }
    let low: UInt64 = 0x03FF_2800_0000_0000
    let high: UInt64 = 0x07FF_FFFE_87FF_FFFE
    return (self < 64 ? low >> UInt64(self) : high >> UInt64(self & 63)) & 1 == 1
  }

  /// Whether it is `0` … `9`.
  @inline(__always)
  var isDigit: Bool { self >= 0x30 && self <= 0x39 }

  /// The value of a hexadecimal digit; nil for any other byte.
  var hexValue: UInt32? {
    switch self {
    case 0x30...0x39: UInt32(self - 0x30)
    case 0x41...0x46: UInt32(self - 0x41 + 10)
    case 0x61...0x66: UInt32(self - 0x61 + 10)
    default: nil
    }
  }

  /// Whether it is a control character that is not allowed in a plan: any except tab and line ends.
  @inline(__always)
  var isForbiddenControl: Bool {
    (self < 0x20 && self != 0x09 && self != 0x0A && self != 0x0D) || self == 0x7F
  }
}
