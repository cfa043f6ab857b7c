import FuzzMain

/// Checks the files named on the command line without the fuzzer.
///
/// In a debug build SwiftPM takes this for the program's `main`, because of its name.
@_cdecl("PlanFuzz_main")
package func replay(
  _ count: CInt,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  Fuzz_replay(count, arguments)
}
