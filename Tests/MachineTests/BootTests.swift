import System
import Testing

/// What distinguishes one boot from another.
@Suite struct BootIdentifierTests {
  @Test("a boot is identified by the kernel's boot_id and the start of the first process")
  func both() throws {
    let boot = try #require(bootIdentifier())
    let parts = boot.split(separator: "+")
    #expect(parts.count == 2 && parts[0].count == 36 && Int(parts[1]) != nil, "\(boot)")
    #expect(isThisBoot(boot))
  }

  @Test("an older record with only the boot_id is compared by that")
  func old() throws {
    let boot = try #require(bootIdentifier())
    #expect(isThisBoot(String(boot.prefix(36))))
    #expect(!isThisBoot("0f0f0f0f-1234-4321-8888-abcdefabcdef"))
    #expect(!isThisBoot(""))
  }

  @Test("another first process is another boot")
  func containers() throws {
    let kernel = "0f0f0f0f-1234-4321-8888-abcdefabcdef"
    #expect(isSameBoot("\(kernel)+30", "\(kernel)+30"))
    #expect(!isSameBoot("\(kernel)+30", "\(kernel)+31"))
    #expect(isSameBoot(kernel, "\(kernel)+31"))
  }
}
