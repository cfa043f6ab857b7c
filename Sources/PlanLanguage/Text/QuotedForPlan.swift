/// Text as a string literal of the plan language.
///
/// - Parameters:
///   - text: the meaning of the literal.
///   - keepingParams: whether `\(` stays as it is, for text from a plan.
/// - Returns: the literal, quotes included.
package func quotedForPlan(_ text: String, keepingParams: Bool = false) -> String {
  var result = "\""
  let scalars = text.unicodeScalars
  for index in scalars.indices {
    let scalar = scalars[index]
    switch scalar {
    case "\\" where keepingParams && scalars[scalars.index(after: index)...].first == "(":
      result += "\\"
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
