/// The candidate that was probably meant by `word`; nil if none is similar enough.
///
/// The distance counts letters that are added, left out, replaced or swapped with their neighbour.
/// A third of the word's length may be wrong. A candidate costs at most the product of the two
/// lengths. Words over 64 bytes and candidates after the first 100,000 are ignored, so a plan with
/// many names and many mistakes stays cheap.
package func nearMiss<Candidates: Sequence<String>>(
  _ word: String,
  among candidates: Candidates
) -> String? {
  let wanted = Array(word.utf8.prefix(65)).map(foldedForComparison)
  guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
  let wantedLetters = letterSet(wanted)
  var best: String?
  var bestDistance = wanted.count <= 2 ? 2 : max(1, wanted.count / 3) + 1
  for candidate in candidates.prefix(100_000) where candidate != word {
    let letters = candidate.utf8
    guard abs(letters.count - wanted.count) < bestDistance else { continue }
    // One change removes at most one letter from the set and adds one. Most candidates end here.
    let others = letterSet(letters.lazy.map(foldedForComparison)) ^ wantedLetters
    guard others.nonzeroBitCount <= 2 * (bestDistance - 1) else { continue }
    let distance = editDistance(wanted, letters.map(foldedForComparison), limit: bestDistance)
    if distance < bestDistance {
      // A word of one letter with another letter is another word, not a typing mistake.
      if wanted.count == 1 && distance >= 1 { continue }
      best = candidate
      bestDistance = distance
      if distance == 0 { break }
    }
  }
  return best
}

/// Counts upper case as lower case, and `_` as `-`, because BOSH's names use the latter.
private func foldedForComparison(_ byte: UInt8) -> UInt8 {
  switch byte {
  case 0x41...0x5A: byte | 0x20
  case 0x5F: 0x2D
  default: byte
  }
}

/// Which letters a text has, as bits; different letters may share a bit.
private func letterSet(_ letters: some Sequence<UInt8>) -> UInt64 {
  letters.reduce(0) { $0 | 1 << UInt64($1 & 63) }
}

/// The optimal string alignment distance, or `limit` if the distance is not less.
private func editDistance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int {
  var beforeLast = [Int](repeating: 0, count: right.count + 1)
  var last = Array(0...right.count)
  var current = beforeLast
  for row in 0..<left.count {
    current[0] = row + 1
    var least = current[0]
    for column in 0..<right.count {
      let exchange = last[column] + (left[row] == right[column] ? 0 : 1)
      var value = min(exchange, last[column + 1] + 1, current[column] + 1)
      if row > 0 && column > 0 && left[row] == right[column - 1] && left[row - 1] == right[column] {
        value = min(value, beforeLast[column - 1] + 1)
      }
      current[column + 1] = value
      least = min(least, value)
    }
    if least >= limit { return limit }
    (beforeLast, last, current) = (last, current, beforeLast)
  }
  return last[right.count]
}
