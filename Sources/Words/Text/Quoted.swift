/// A name for people: quoted, and without anything that a terminal would act on.
package func quoted(_ name: String) -> String {
  var shown = "'"
  for scalar in name.unicodeScalars {
    switch scalar {
    case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
      shown += scalar.escape
    default: shown.unicodeScalars.append(scalar)
    }
  }
  return shown + "'"
}
