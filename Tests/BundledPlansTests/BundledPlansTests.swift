import BundledPlans
import Testing

@Suite struct BundledPlansTests {
  @Test(arguments: BundledPlans.names)
  func aFileDeclaresAPlanWithItsName(name: String) throws {
    let text = String(decoding: try #require(BundledPlans.text(of: name)), as: UTF8.self)
    #expect(text.split(separator: "\n").contains("plan \(name) {"))
  }

  @Test func anUnknownNameHasNoText() {
    #expect(BundledPlans.text(of: "quickstart") == nil)
    #expect(BundledPlans.text(of: "") == nil)
  }
}
