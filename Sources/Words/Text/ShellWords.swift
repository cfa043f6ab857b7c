/// An argument vector as you would write it in a shell.
package func shellWords(_ vector: [String]) -> String {
  vector.map(shellWord).joined(separator: " ")
}

/// One argument as you would write it in a shell, with quotes if it needs them.
package func shellWord(_ word: String) -> String {
  let isPlain = word.unicodeScalars.allSatisfy {
    switch $0 {
    case "A"..."Z", "a"..."z", "0"..."9", "_", ".", "/", ":", "@", "%", "+", ",", "=", "-": true
    default: false
    }
  }
  if isPlain, !word.isEmpty { return word }
  let pieces = word.split(separator: "'", omittingEmptySubsequences: false)
  return "'\(pieces.joined(separator: "'\\''"))'"
}
