import FuzzMain
import WireChecks

/// The fuzzer calls this with every input that it makes.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  if let mistake = WireChecks.mistake(in: bytes) { fatalError(mistake) }
  return 0
}

/// The fuzzer calls this for its next input; a quarter of them are changed byte by byte.
@_cdecl("LLVMFuzzerCustomMutator")
package func mutateInput(
  _ data: UnsafeMutablePointer<UInt8>,
  _ count: Int,
  _ limit: Int,
  _ seed: CUnsignedInt
) -> Int {
  if seed & 3 == 0 { return Fuzz_mutateBytes(data, count, limit) }
  let old = Array(UnsafeBufferPointer(start: data, count: count))
  var mutator = WireMutator(old, seed: UInt64(seed >> 2))
  let new = mutator.changed { payload in
    let most = payload.count + 16
    var bytes = payload + Array(repeating: 0, count: 16)
    let length = Fuzz_mutateBytes(&bytes, payload.count, most)
    return Array(bytes[..<length])
  }
  if new.count > limit || new.isEmpty { return Fuzz_mutateBytes(data, count, limit) }
  data.update(from: new, count: new.count)
  return new.count
}
