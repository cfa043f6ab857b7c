func nearMiss(_ word: String, among: [String]) -> String? { nil }
