/// The stable code of a diagnostic.
///
/// A code never gets a second meaning and is never renumbered. The first two digits are its group:
/// 01 text and grammar, 02 names and subjects, 03 clauses and where they are allowed, 04 params,
/// conditions and includes, 05 order, 06 warnings, 07 the machine, 08 tests of plans, 09 hosts files.
package enum DiagnosticCode: String, Sendable, CaseIterable {
  // Text and grammar.
  case invalidUTF8 = "PLAN0101"
  case unexpectedCharacter = "PLAN0102"
  case unterminatedString = "PLAN0103"
  case unknownEscape = "PLAN0104"
  case invalidNumber = "PLAN0105"
  case unexpectedToken = "PLAN0106"
  case missingBrace = "PLAN0107"
  case nestedTooDeep = "PLAN0108"
  case clauseAfterStatement = "PLAN0109"
  case emptyFile = "PLAN0110"
  case textAfterPlan = "PLAN0111"
  case fileTooLarge = "PLAN0112"
  case misindentedString = "PLAN0113"
  case afterHandler = "PLAN0114"

  // Names and subjects.
  case unknownReleaseJob = "PLAN0201"
  case unknownDeploymentJob = "PLAN0202"
  case narrowsNothing = "PLAN0203"
  case duplicatePhase = "PLAN0204"
  case duplicateDeploymentJob = "PLAN0205"
  case duplicateReleaseJob = "PLAN0206"
  case duplicateLabel = "PLAN0207"
  case unusableName = "PLAN0208"
  case wrongSubject = "PLAN0209"
  case narrowedStep = "PLAN0210"
  case noReleaseJobs = "PLAN0213"
  case unusableUnit = "PLAN0214"
  case duplicateUnit = "PLAN0215"
  case noProcesses = "PLAN0216"

  // Clauses and where they are allowed.
  case duplicateClause = "PLAN0301"
  case misplacedClause = "PLAN0302"
  case retryNeedsIdempotent = "PLAN0303"
  case waitNeedsTimeout = "PLAN0304"
  case valueOutOfRange = "PLAN0305"
  case wideJoinInRollout = "PLAN0306"
  case emptyRun = "PLAN0307"
  case testExpectsNothing = "PLAN0308"
  case duplicateTest = "PLAN0309"
  case timeoutTooShort = "PLAN0310"
  case sideBySideOfNothing = "PLAN0311"

  // Parameters, conditions and includes.
  case unknownParam = "PLAN0401"
  case missingParam = "PLAN0402"
  case wrongKindOfValue = "PLAN0403"
  case unsafeInCommand = "PLAN0404"
  case unknownFact = "PLAN0405"
  case unknownInclude = "PLAN0406"
  case includeCycle = "PLAN0407"
  case deploymentJobInInclude = "PLAN0408"
  case duplicateParam = "PLAN0409"
  case secretOutsideEnv = "PLAN0410"
  case reservedVariable = "PLAN0411"
  case factOfNarrowerScope = "PLAN0412"
  case factOutsideText = "PLAN0413"

  // Order.
  case afterCycle = "PLAN0501"
  case tooLarge = "PLAN0502"

  // Warnings.
  case phaseSelectsNothing = "PLAN0601"
  case barrierJoinsNothing = "PLAN0602"
  case joinSplitsAfter = "PLAN0603"
  case noTimeBound = "PLAN0604"
  case retryNeverHappens = "PLAN0605"
  case nameNotFound = "PLAN0606"
  case timeoutNeverEnds = "PLAN0607"
  case stepAppliesToNothing = "PLAN0608"
  case emptyBlock = "PLAN0609"
  case takenByNothing = "PLAN0610"
  case neverAsked = "PLAN0611"
  case handlerBlocksResume = "PLAN0612"
  case perReleaseJobBesideUnits = "PLAN0616"
  case unusedHost = "PLAN0617"
  case hostsByOrder = "PLAN0618"

  // Tests of plans: mistakes that show when the tests are run.
  case unknownStepInTest = "PLAN0801"
  case expectationFailed = "PLAN0802"
  case nothingAskedInTest = "PLAN0803"

  // Hosts files.
  case hostsNotText = "PLAN0901"
  case hostsTooLarge = "PLAN0902"
  case emptyHosts = "PLAN0903"
  case malformedHostLine = "PLAN0904"
  case unusableHost = "PLAN0905"
  case unknownHostSetting = "PLAN0906"
  case duplicateHost = "PLAN0907"
  case sharedHost = "PLAN0908"
  case missingHost = "PLAN0909"
  case unusableBoshTable = "PLAN0910"

  /// Whether a diagnostic with this code prevents a run.
  package var severity: Diagnostic.Severity { rawValue.hasPrefix("PLAN06") ? .warning : .error }

  /// Whether it is about a hosts file, and not about a plan.
  package var isAboutHosts: Bool {
    rawValue.hasPrefix("PLAN09") || self == .unusedHost || self == .hostsByOrder
  }
}
