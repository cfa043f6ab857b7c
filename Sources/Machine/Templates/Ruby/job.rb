# A release job's spec, and what is given to it.
module Lockstep
  # The spec of a release job.
  class JobSpec
    attr_reader :name, :folder, :shown, :templates, :properties, :consumes, :description

    def initialize(release, name)
      @name = name
      @folder = File.join(release, 'jobs', name)
      @shown = "jobs/#{name}/spec"
      table = Lockstep.table(File.join(@folder, 'spec'), @shown)
      raise Fault.new(@shown, nil, "is empty; it has at least 'name: #{name}'") if table.empty?

      @description = table['description'].to_s
      @templates = part(table, 'templates')
      @properties = part(table, 'properties')
      @consumes = Array(table['consumes']).map { |link| link.is_a?(Hash) ? link : fail_consumes }
      named = table['name']
      return if named.nil? || named == name

      raise Fault.new(@shown, nil, "has the name '#{named}', and its folder is called '#{name}'")
    end

    private

    def part(table, name)
      value = table[name]
      return {} if value.nil? || value == []
      return value if value.is_a?(Hash)

      raise Fault.new(@shown, nil, "'#{name}' is #{Lockstep.kind(value)} and no table")
    end

    def fail_consumes
      raise Fault.new(@shown, nil, "'consumes' is no list of tables with a name and a type")
    end
  end

  # What a properties file says, checked against what the job declares.
  class Given
    PARTS = %w[properties links spec].freeze

    attr_reader :properties, :links, :spec, :faults

    def initialize(job, path, output)
      @job = job
      @shown = path.empty? ? 'the properties' : path
      @output = output
      @faults = []
      table = path.empty? ? {} : Lockstep.table(path, path)
      table.each_key do |key|
        next if PARTS.include?(key)

        add("has '#{key}' at its top, where properties, links and spec are looked for" \
          "#{Lockstep.nearest(key.to_s, PARTS)}")
      end
      given, @links, @spec = PARTS.map { |name| part(table, name) }
      warn_of_others(given, [])
      @properties = bind(given)
      check_links
    end

    private

    def add(words)
      @faults << Fault.new(@shown, nil, words)
    end

    def part(table, name)
      value = table[name]
      return {} if value.nil?
      return value if value.is_a?(Hash)

      add("'#{name}' is #{Lockstep.kind(value)} and no table")
      {}
    end

    # BOSH hands on what the job declares, and nothing else.
    def bind(given)
      bound = {}
      @job.properties.each do |name, definition|
        value = lookup(given, name)
        value = (definition || {})['default'] if value.nil?
        put(bound, name.to_s.split('.'), sorted(value))
      rescue Fault => e
        @faults << e
      rescue StandardError => e
        @faults << Fault.new(@job.shown, nil, "the property '#{name}': #{e.message}")
      end
      bound
    end

    def lookup(given, name)
      name.to_s.split('.').reduce(given) do |value, key|
        unless value.is_a?(Hash)
          raise Fault.new(@shown, nil,
                          "the property '#{name}' is looked for in #{Lockstep.kind(value)}, " \
                          'where a table should be')
        end
        found = value[key]
        return nil if found.nil?

        found
      end
    end

    def put(bound, keys, value)
      last = keys.pop
      keys.reduce(bound) { |table, key| table[key] ||= {} }[last] = value
    end

    # Tables reach templates in the order of their keys, but for those in lists.
    def sorted(value)
      value.is_a?(Hash) ? value.transform_values { |inner| sorted(inner) }.sort.to_h : value
    end

    def warn_of_others(table, path)
      table.each do |key, value|
        name = [*path, key].join('.')
        next if @job.properties.key?(name)

        if @job.properties.each_key.any? { |other| other.to_s.start_with?("#{name}.") }
          warn_of_others(value, [*path, key]) if value.is_a?(Hash)
        else
          near = Lockstep.nearest(name, @job.properties.keys.map(&:to_s))
          @output.warning(@shown, "'#{name}' is no property of #{@job.name} and reaches no " \
            "template#{near}")
        end
      end
    end

    def check_links
      consumed = @job.consumes.map { |link| link['name'] }
      (@links.keys - consumed).each do |name|
        @output.warning(@shown, "#{@job.name} consumes no link '#{name}'" \
          "#{Lockstep.nearest(name.to_s, consumed.compact)}")
      end
      @job.consumes.each { |link| check_link(link) }
    end

    def check_link(declared)
      name = declared['name']
      link = @links[name]
      if link.nil?
        return if declared['optional']

        add("says nothing of the link '#{name}' (of type '#{declared['type']}'), which " \
          "#{@job.name} cannot do without; give links.#{name}")
      elsif !link.is_a?(Hash) || !instances?(link['instances'])
        add("links.#{name} has no list of instances; give an address for each, as in " \
          "'instances: [{address: 10.0.0.3}]'")
      end
    end

    def instances?(list)
      list.is_a?(Array) && list.all?(Hash)
    end
  end

  # The instance, as templates see it in spec.
  module Instance
    FROM_AGENT = %w[deployment job index name id az networks persistent_disk dns_domain_name].freeze

    def self.spec(given, apply_spec)
      spec = { 'name' => 'vm', 'index' => 0, 'az' => nil }
      spec.merge!(apply_spec.slice(*FROM_AGENT))
      spec.merge!(given)
      spec['job'] = { 'name' => spec['name'] } unless spec['job']
      spec['bootstrap'] = spec['index'] == 0 unless spec.key?('bootstrap')
      spec['ip'] = ip(spec['networks']) if spec['networks'].is_a?(Hash) && !spec.key?('ip')
      spec['address'] = spec['ip'] if spec['ip'] && !spec.key?('address')
      spec
    end

    # Of the network that is addressable by default, else the gateway's, else the only one.
    def self.ip(networks)
      tables = networks.values.grep(Hash)
      chosen = %w[addressable gateway].map do |role|
        tables.find { |network| Array(network['default']).include?(role) }
      end
      (chosen.compact.first || tables.first || {})['ip']
    end
  end
end
