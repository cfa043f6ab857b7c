#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Checks the files named on the command line without the fuzzer, such as inputs that it found.
@_cdecl("PlanFuzz_main")
package func replay(
  _ count: CInt,
  _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
  for index in 1..<max(1, Int(count)) {
    guard let path = arguments[index] else { continue }
    guard let file = fopen(path, "rb") else {
      perror(path)
      return 1
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let read = fread(&buffer, 1, buffer.count, file)
      if read == 0 { break }
      bytes += buffer[0..<read]
    }
    check(bytes)
  }
  return 0
}
