-- Wireshark dissector for vfio-user, in captures that vfio-user writes (link type USER0).
--
--   vfio-user trace --dissector > ~/.local/lib/wireshark/plugins/vfio-user.lua
--   tshark -X lua_script:vfio-user.lua -r capture.pcapng
--
-- Knows the protocol of today and that of February 2021 (the capture says which), both layouts of
-- DMA messages, both directions and the twin socket; ties replies to their commands.

local proto = Proto("vfio_user", "vfio-user")

-- Names

local COMMANDS = {
    [1] = "VERSION", [2] = "DMA_MAP", [3] = "DMA_UNMAP", [4] = "DEVICE_GET_INFO",
    [5] = "DEVICE_GET_REGION_INFO", [6] = "DEVICE_GET_REGION_IO_FDS",
    [7] = "DEVICE_GET_IRQ_INFO", [8] = "DEVICE_SET_IRQS", [9] = "REGION_READ",
    [10] = "REGION_WRITE", [11] = "DMA_READ", [12] = "DMA_WRITE", [13] = "DEVICE_RESET",
    [15] = "REGION_WRITE_MULTI", [16] = "DEVICE_FEATURE", [17] = "MIG_DATA_READ",
    [18] = "MIG_DATA_WRITE",
}
local LEGACY_COMMANDS = {
    [1] = "VERSION", [2] = "DMA_MAP", [3] = "DMA_UNMAP", [4] = "DEVICE_GET_INFO",
    [5] = "DEVICE_GET_REGION_INFO", [6] = "DEVICE_GET_IRQ_INFO", [7] = "DEVICE_SET_IRQS",
    [8] = "REGION_READ", [9] = "REGION_WRITE", [10] = "DMA_READ", [11] = "DMA_WRITE",
    [12] = "VM_INTERRUPT", [13] = "DEVICE_RESET", [14] = "DIRTY_PAGES",
}
local REGIONS = {
    [0] = "BAR0", [1] = "BAR1", [2] = "BAR2", [3] = "BAR3", [4] = "BAR4", [5] = "BAR5",
    [6] = "ROM", [7] = "config", [8] = "VGA", [9] = "migration",
}
local IRQS = { [0] = "INTx", [1] = "MSI", [2] = "MSI-X", [3] = "ERR", [4] = "REQ" }
local FEATURES = {
    [1] = "MIGRATION", [2] = "MIG_DEVICE_STATE", [6] = "DMA_LOGGING_START",
    [7] = "DMA_LOGGING_STOP", [8] = "DMA_LOGGING_REPORT",
}
local STATES = {
    [0] = "ERROR", [1] = "STOP", [2] = "RUNNING", [3] = "STOP_COPY", [4] = "RESUMING",
    [5] = "RUNNING_P2P", [6] = "PRE_COPY", [7] = "PRE_COPY_P2P",
}
local CAPABILITIES = { [1] = "sparse mmap", [2] = "type", [3] = "MSI-X mappable" }
local IO_FDS = { [0] = "ioeventfd", [1] = "ioregionfd", [2] = "shadow ioeventfd" }
local ERRNOS = {
    [1] = "EPERM", [2] = "ENOENT", [5] = "EIO", [7] = "E2BIG", [9] = "EBADF", [11] = "EAGAIN",
    [12] = "ENOMEM", [13] = "EACCES", [14] = "EFAULT", [16] = "EBUSY", [17] = "EEXIST",
    [19] = "ENODEV", [22] = "EINVAL", [25] = "ENOTTY", [28] = "ENOSPC", [38] = "ENOSYS",
    [71] = "EPROTO", [75] = "EOVERFLOW", [95] = "ENOTSUP", [110] = "ETIMEDOUT",
}
local KINDS = {
    [0] = "message", [1] = "client memory", [2] = "interrupt", [3] = "registers",
    [4] = "end of session",
}
local DIRECTIONS = { [0] = "to device", [1] = "from device" }
local FILES = {
    [0] = "file", [1] = "directory", [2] = "pipe", [3] = "socket", [4] = "character device",
    [5] = "block device", [6] = "eventfd",
}
local TYPES = { [0] = "command", [1] = "reply" }
local DMA_LAYOUTS = { [0] = "count of 8 bytes", [1] = "count of 4 bytes" }

-- Fields

local f = {}
local all = {}
local function field(key, make, name, text, ...)
    f[key] = make("vfio_user." .. name, text, ...)
    all[#all + 1] = f[key]
end

local HEX, DEC = base.HEX, base.DEC
field("kind", ProtoField.uint8, "capture.kind", "Kind", DEC, KINDS)
field("direction", ProtoField.uint8, "capture.direction", "Direction", DEC, DIRECTIONS)
field("twin", ProtoField.bool, "capture.twin", "Twin socket", 8, nil, 0x1)
field("legacy", ProtoField.bool, "capture.legacy", "Dialect of 2021", 8, nil, 0x2)
field("session", ProtoField.uint32, "capture.session", "Session", DEC)
field("fds", ProtoField.uint32, "fds", "Descriptors", DEC)
field("fd_kind", ProtoField.uint8, "fd.kind", "Descriptor", DEC, FILES)
field("fd_size", ProtoField.uint64, "fd.size", "Size", HEX)
field("names", ProtoField.string, "capture.registers", "Registers")
field("reason", ProtoField.string, "capture.reason", "Reason")
field("memory", ProtoField.bytes, "capture.memory", "Contents")

field("id", ProtoField.uint16, "id", "Message id", HEX)
field("cmd", ProtoField.uint16, "cmd", "Command", DEC, COMMANDS)
field("legacy_cmd", ProtoField.uint16, "legacy_cmd", "Command", DEC, LEGACY_COMMANDS)
field("name", ProtoField.string, "name", "Command")
field("size", ProtoField.uint32, "size", "Message size", DEC)
field("flags", ProtoField.uint32, "flags", "Flags", HEX)
field("type", ProtoField.uint32, "type", "Type", DEC, TYPES, 0xf)
field("no_reply", ProtoField.bool, "no_reply", "No reply", 32, nil, 0x10)
field("is_error", ProtoField.bool, "is_error", "Error", 32, nil, 0x20)
field("errno", ProtoField.uint32, "errno", "Errno", DEC, ERRNOS)
field("request", ProtoField.framenum, "request", "Command in", base.NONE, frametype.REQUEST)
field("response", ProtoField.framenum, "reply", "Reply in", base.NONE, frametype.RESPONSE)
field("time", ProtoField.relative_time, "time", "Time since the command")

field("major", ProtoField.uint16, "version.major", "Major", DEC)
field("minor", ProtoField.uint16, "version.minor", "Minor", DEC)
field("capabilities", ProtoField.string, "version.capabilities", "Capabilities")

field("argsz", ProtoField.uint32, "argsz", "argsz", DEC)
field("command_flags", ProtoField.uint32, "command_flags", "Flags", HEX)
field("address", ProtoField.uint64, "dma.address", "DMA address", HEX)
field("dma_size", ProtoField.uint64, "dma.size", "Size", HEX)
field("file_offset", ProtoField.uint64, "dma.offset", "Offset in the file", HEX)
field("map_read", ProtoField.bool, "dma.readable", "Server may read", 32, nil, 0x1)
field("map_write", ProtoField.bool, "dma.writable", "Server may write", 32, nil, 0x2)
field("map_mmap", ProtoField.bool, "dma.mmap", "By mmap", 32, nil, 0x4)
field("map_io", ProtoField.bool, "dma.file_io", "By pread and pwrite", 32, nil, 0x8)
field("mappable", ProtoField.bool, "dma.mappable", "Has a descriptor", 32, nil, 0x1)
field("unmap_bitmap", ProtoField.bool, "dma.get_bitmap", "With dirty bitmap", 32, nil, 0x1)
field("unmap_all", ProtoField.bool, "dma.all", "Everything", 32, nil, 0x2)
field("page_size", ProtoField.uint64, "page_size", "Page size", DEC)
field("bitmap_size", ProtoField.uint64, "bitmap_size", "Bytes of bitmap", DEC)
field("bitmap", ProtoField.bytes, "bitmap", "Dirty bitmap")
field("dma_count", ProtoField.uint64, "dma.count", "Count", DEC)
field("dma_layout", ProtoField.uint8, "dma.layout", "Layout", DEC, DMA_LAYOUTS)

field("info_reset", ProtoField.bool, "info.reset", "Can be reset", 32, nil, 0x1)
field("info_pci", ProtoField.bool, "info.pci", "PCI", 32, nil, 0x2)
field("regions", ProtoField.uint32, "info.regions", "Regions", DEC)
field("irqs", ProtoField.uint32, "info.irqs", "Interrupt types", DEC)

field("region", ProtoField.uint32, "region", "Region", DEC, REGIONS)
field("offset", ProtoField.uint64, "offset", "Offset", HEX)
field("count", ProtoField.uint32, "count", "Count", DEC)
field("value", ProtoField.uint64, "value", "Value", HEX)
field("register", ProtoField.string, "register", "Register")
field("region_size", ProtoField.uint64, "region.size", "Size", HEX)
field("region_offset", ProtoField.uint64, "region.offset", "Offset for mmap", HEX)
field("region_read", ProtoField.bool, "region.readable", "Readable", 32, nil, 0x1)
field("region_write", ProtoField.bool, "region.writable", "Writable", 32, nil, 0x2)
field("region_mmap", ProtoField.bool, "region.mmap", "Can be mapped", 32, nil, 0x4)
field("region_caps", ProtoField.bool, "region.caps", "Has capabilities", 32, nil, 0x8)
field("cap_offset", ProtoField.uint32, "region.cap_offset", "First capability", HEX)
field("cap_id", ProtoField.uint16, "region.cap", "Capability", DEC, CAPABILITIES)
field("cap_version", ProtoField.uint16, "region.cap.version", "Version", DEC)
field("cap_next", ProtoField.uint32, "region.cap.next", "Next", HEX)
field("areas", ProtoField.uint32, "region.areas", "Mappable areas", DEC)
field("area_offset", ProtoField.uint64, "region.area.offset", "Offset", HEX)
field("area_size", ProtoField.uint64, "region.area.size", "Size", HEX)
field("region_type", ProtoField.uint32, "region.type", "Type", DEC)
field("region_subtype", ProtoField.uint32, "region.subtype", "Subtype", DEC)
field("io_fd", ProtoField.uint32, "io_fd.type", "Type", DEC, IO_FDS)
field("io_fd_index", ProtoField.uint32, "io_fd.index", "Descriptor", DEC)
field("io_fd_datamatch", ProtoField.uint64, "io_fd.datamatch", "Value that matches", HEX)

field("irq", ProtoField.uint32, "irq", "Interrupt type", DEC, IRQS)
field("irq_start", ProtoField.uint32, "irq.start", "First vector", DEC)
field("irq_count", ProtoField.uint32, "irq.count", "Vectors", DEC)
field("irq_vector", ProtoField.uint32, "irq.vector", "Vector", DEC)
field("irq_eventfd", ProtoField.bool, "irq.eventfd", "By eventfd", 32, nil, 0x1)
field("irq_maskable", ProtoField.bool, "irq.maskable", "Can be masked", 32, nil, 0x2)
field("irq_automasked", ProtoField.bool, "irq.automasked", "Masks itself", 32, nil, 0x4)
field("irq_noresize", ProtoField.bool, "irq.noresize", "Set as a whole", 32, nil, 0x8)
field("set_none", ProtoField.bool, "irq.data_none", "No data", 32, nil, 0x1)
field("set_bool", ProtoField.bool, "irq.data_bool", "A byte each", 32, nil, 0x2)
field("set_eventfd", ProtoField.bool, "irq.data_eventfd", "An eventfd each", 32, nil, 0x4)
field("set_mask", ProtoField.bool, "irq.mask", "Mask", 32, nil, 0x8)
field("set_unmask", ProtoField.bool, "irq.unmask", "Unmask", 32, nil, 0x10)
field("set_trigger", ProtoField.bool, "irq.trigger", "Trigger", 32, nil, 0x20)

field("writes", ProtoField.uint64, "multi.writes", "Writes", DEC)
field("feature", ProtoField.uint32, "feature", "Feature", DEC, FEATURES, 0xffff)
field("feature_get", ProtoField.bool, "feature.get", "Get", 32, nil, 0x10000)
field("feature_set", ProtoField.bool, "feature.set", "Set", 32, nil, 0x20000)
field("feature_probe", ProtoField.bool, "feature.probe", "Probe", 32, nil, 0x40000)
field("migration_flags", ProtoField.uint64, "migration.flags", "Flags", HEX)
field("state", ProtoField.uint32, "migration.state", "State", DEC, STATES)
field("state_fd", ProtoField.uint32, "migration.data_fd", "Descriptor", DEC)
field("ranges", ProtoField.uint32, "logging.ranges", "Ranges", DEC)
field("range_iova", ProtoField.uint64, "logging.iova", "DMA address", HEX)
field("range_length", ProtoField.uint64, "logging.length", "Length", HEX)
field("mig_size", ProtoField.uint32, "migration.size", "Size", DEC)
field("reserved", ProtoField.bytes, "reserved", "Reserved")
field("data", ProtoField.bytes, "data", "Data")
proto.fields = all

local short = ProtoExpert.new("vfio_user.short", "Payload is shorter than its command's",
    expert.group.PROTOCOL, expert.severity.WARN)
local unknown = ProtoExpert.new("vfio_user.unknown", "Command is not known",
    expert.group.PROTOCOL, expert.severity.NOTE)
local refused = ProtoExpert.new("vfio_user.refused", "Refused",
    expert.group.RESPONSE_CODE, expert.severity.NOTE)
local unanswered = ProtoExpert.new("vfio_user.unmatched", "Reply to a command that is not here",
    expert.group.SEQUENCE, expert.severity.NOTE)
proto.experts = { short, unknown, refused, unanswered }

local interface_of = Field.new("frame.interface_id")
local time_of = Field.new("frame.time_epoch")

-- What is known of the stream; made in the first pass over the packets, kept for later ones.

local open, asked, answered, narrow, registers

function proto.init()
    open, asked, answered, narrow, registers = {}, {}, {}, {}, {}
end

local function device()
    local id = interface_of()
    return id and id.value or 0
end

-- Helpers. A cursor walks over a payload; a field that is not there any more ends it.

local function cursor(tvb, tree)
    local self = { tvb = tvb, tree = tree, at = 0, ok = true }

    function self.left()
        return tvb:len() - self.at
    end

    function self.take(size)
        if not self.ok or self.left() < size then
            if self.ok then
                tree:add_proto_expert_info(short)
            end
            self.ok = false
            return nil
        end
        local range = tvb(self.at, size)
        self.at = self.at + size
        return range
    end

    function self.add(key, size)
        local range = self.take(size)
        if range then
            tree:add_le(f[key], range)
        end
        return range
    end

    function self.u32(key)
        local range = self.add(key, 4)
        return range and range:le_uint() or 0
    end

    function self.u64(key)
        local range = self.add(key, 8)
        return range and range:le_uint64() or UInt64(0)
    end

    function self.flags(key, ...)
        local range = self.take(4)
        if not range then
            return 0
        end
        local branch = tree:add_le(f[key], range)
        for _, bit in ipairs({ ... }) do
            branch:add_le(f[bit], range)
        end
        return range:le_uint()
    end

    function self.rest(key)
        if self.ok and self.left() > 0 then
            tree:add(f[key], tvb(self.at))
            self.at = tvb:len()
        end
    end

    return self
end

local function region_name(index)
    return REGIONS[index] or ("region " .. index)
end

local function irq_name(index)
    return IRQS[index] or ("irq " .. index)
end

local function hex(value)
    return "0x" .. (value:tohex():gsub("^0+(%x)", "%1"))
end

local function register_at(region, offset, count)
    local known = registers[device()]
    if not known or offset:higher() ~= 0 then
        return nil
    end
    local at = offset:lower()
    for _, register in ipairs(known[region] or {}) do
        if at >= register.offset and at + count <= register.offset + register.width then
            if at == register.offset and count == register.width then
                return register.name
            end
            return string.format("%s+0x%x", register.name, at - register.offset)
        end
    end
    return nil
end

local function place(tree, region, offset, count)
    local register = register_at(region, offset, count)
    if register then
        tree:add(f.register, register):set_generated()
        return region_name(region) .. " " .. register
    end
    return region_name(region) .. "+" .. hex(offset)
end

local function add_data(c, count)
    if c.ok and c.left() > 0 then
        local size = math.min(c.left(), count)
        if size > 0 then
            local range = c.take(size)
            c.tree:add(f.data, range)
            if size <= 8 then
                local value = range:le_uint64()
                c.tree:add(f.value, range, value):set_generated()
                return " " .. hex(value)
            end
            return " .."
        end
    end
    return ""
end

-- Payloads: each gets a cursor and what is known of the message, and returns words for the list.

local body = {}

function body.VERSION(c)
    local major, minor = c.add("major", 2), c.add("minor", 2)
    if c.ok and c.left() > 0 then
        c.tree:add(f.capabilities, c.tvb(c.at), c.tvb(c.at):stringz())
    end
    return major and minor and string.format("%d.%d", major:le_uint(), minor:le_uint()) or ""
end

local function legacy_regions(c)
    local count = 0
    while c.ok and c.left() >= 32 do
        local address = c.u64("address")
        local size = c.u64("dma_size")
        c.u64("file_offset")
        c.flags("command_flags", "map_read", "map_write")
        c.flags("command_flags", "mappable")
        count = count + 1
        if count == 1 then
            c.words = hex(address) .. "+" .. hex(size)
        end
    end
    return (c.words or "") .. (count > 1 and string.format(" and %d more", count - 1) or "")
end

function body.DMA_MAP(c, m)
    if m.reply then
        return ""
    end
    if m.legacy then
        return legacy_regions(c)
    end
    c.u32("argsz")
    c.flags("command_flags", "map_read", "map_write", "map_mmap", "map_io")
    c.u64("file_offset")
    local address = c.u64("address")
    return hex(address) .. "+" .. hex(c.u64("dma_size"))
end

function body.DMA_UNMAP(c, m)
    if m.legacy then
        return m.reply and "" or legacy_regions(c)
    end
    if m.reply and c.left() == 0 then
        return ""
    end
    c.u32("argsz")
    local flags = c.flags("command_flags", "unmap_bitmap", "unmap_all")
    local address = c.u64("address")
    local size = c.u64("dma_size")
    if flags & 1 ~= 0 then
        c.u64("page_size")
        c.u64("bitmap_size")
        c.rest("bitmap")
    end
    return flags & 2 ~= 0 and "everything" or hex(address) .. "+" .. hex(size)
end

function body.DEVICE_GET_INFO(c, m)
    c.u32("argsz")
    c.flags("command_flags", "info_reset", "info_pci")
    local regions = c.u32("regions")
    local irqs = c.u32("irqs")
    c.rest("reserved")
    return m.reply and string.format("%d regions, %d interrupt types", regions, irqs) or ""
end

local function region_capabilities(c, first)
    local at = first
    for _ = 1, 16 do
        if at < 32 or at + 8 > c.tvb:len() then
            return
        end
        local branch = c.tree:add(proto, c.tvb(at), "Capability")
        local cap = cursor(c.tvb(at):tvb(), branch)
        local id = cap.add("cap_id", 2):le_uint()
        cap.add("cap_version", 2)
        local next_at = cap.u32("cap_next")
        if id == 1 then
            local areas = cap.u32("areas")
            cap.take(4)
            for _ = 1, areas do
                if not cap.ok or cap.left() < 16 then
                    break
                end
                cap.u64("area_offset")
                cap.u64("area_size")
            end
        elseif id == 2 then
            cap.u32("region_type")
            cap.u32("region_subtype")
        end
        if next_at <= at then
            return
        end
        at = next_at
    end
end

function body.DEVICE_GET_REGION_INFO(c, m)
    c.u32("argsz")
    local flags = c.flags(
        "command_flags", "region_read", "region_write", "region_mmap", "region_caps")
    local region = c.u32("region")
    local capability = c.u32("cap_offset")
    local size = c.u64("region_size")
    c.u64("region_offset")
    if m.reply and c.ok and flags & 8 ~= 0 then
        region_capabilities(c, capability)
    end
    return region_name(region) .. (m.reply and " " .. hex(size) .. " bytes" or "")
end

function body.DEVICE_GET_REGION_IO_FDS(c, m)
    c.u32("argsz")
    c.u32("command_flags")
    local region = c.u32("region")
    local count = c.u32("count")
    if m.reply and count > 0 and c.left() > 0 then
        local each = c.left() // count
        for _ = 1, count do
            if not c.ok or each < 40 or c.left() < each then
                break
            end
            local range = c.take(each)
            local entry = cursor(range:tvb(), c.tree:add(proto, range, "Sub-region"))
            entry.u64("offset")
            entry.u64("dma_size")
            entry.u32("io_fd_index")
            entry.u32("io_fd")
            entry.u32("command_flags")
            if each >= 48 then
                entry.u32("io_fd_index")
                entry.u64("file_offset")
            else
                entry.take(4)
            end
            entry.u64("io_fd_datamatch")
        end
    end
    return region_name(region) .. (m.reply and string.format(" %d", count) or "")
end

function body.DEVICE_GET_IRQ_INFO(c, m)
    c.u32("argsz")
    c.flags("command_flags", "irq_eventfd", "irq_maskable", "irq_automasked", "irq_noresize")
    local irq = c.u32("irq")
    local count = c.u32("irq_count")
    if m.legacy and m.reply then
        return string.format("%d vectors", count)
    end
    return irq_name(irq) .. (m.reply and string.format(" %d vectors", count) or "")
end

function body.DEVICE_SET_IRQS(c, m)
    if m.reply then
        return ""
    end
    c.u32("argsz")
    local flags = c.flags(
        "command_flags", "set_none", "set_bool", "set_eventfd", "set_mask", "set_unmask",
        "set_trigger")
    local irq = c.u32("irq")
    local start = c.u32("irq_start")
    local count = c.u32("irq_count")
    c.rest("data")
    local action = flags & 8 ~= 0 and "mask" or flags & 16 ~= 0 and "unmask" or "trigger"
    return string.format("%s %s %d+%d", irq_name(irq), action, start, count)
end

local function region_access(c, m, is_read)
    if m.reply and c.left() == 0 then
        return ""
    end
    local offset = c.u64("offset")
    local region = c.u32("region")
    local count = c.u32("count")
    if not c.ok then
        return ""
    end
    local at = m.request_place
    local words
    if m.reply and m.legacy and at then
        words = at -- replies of 2021 do not say where
    else
        words = place(c.tree, region, offset, count)
    end
    m.place = words
    local value = is_read == m.reply and add_data(c, count) or ""
    return string.format("%s%s (%d)", words, value, count)
end

function body.REGION_READ(c, m)
    return region_access(c, m, true)
end

function body.REGION_WRITE(c, m)
    return region_access(c, m, false)
end

-- QEMU 10.1 has a count of 4 bytes in a structure of 16 bytes, and the data right behind it.
local function is_narrow(c, m)
    if m.legacy then
        return true
    end
    if narrow[m.stream] then
        return true
    end
    return c.left() >= 16 and c.tvb(12, 4):le_uint() ~= 0
end

local function dma_access(c, m, is_read)
    if m.reply and c.left() == 0 then
        return ""
    end
    local has_data = is_read == m.reply
    local address = c.u64("address")
    local count
    if not m.legacy and not (has_data and is_narrow(c, m)) then
        count = c.ok and c.left() >= 8 and c.u64("dma_count"):tonumber() or c.u32("dma_count")
        c.tree:add(f.dma_layout, 0):set_generated()
    else
        count = c.u32("dma_count")
        c.tree:add(f.dma_layout, 1):set_generated()
    end
    local value = has_data and add_data(c, count) or ""
    c.rest("reserved")
    return string.format("%s%s (%d)", hex(address), value, count)
end

function body.DMA_READ(c, m)
    return dma_access(c, m, true)
end

function body.DMA_WRITE(c, m)
    return dma_access(c, m, false)
end

function body.DEVICE_RESET()
    return ""
end

function body.REGION_WRITE_MULTI(c, m)
    local count = c.u64("writes"):tonumber()
    if m.reply then
        return string.format("%d done", count)
    end
    for _ = 1, count do
        if not c.ok or c.left() < 24 then
            break
        end
        local range = c.take(24)
        local write = cursor(range:tvb(), c.tree:add(proto, range, "Write"))
        local offset = write.u64("offset")
        local region = write.u32("region")
        local size = write.u32("count")
        place(write.tree, region, offset, size)
        add_data(write, math.min(size, 8))
    end
    return string.format("%d writes", count)
end

function body.DEVICE_FEATURE(c, m)
    if m.reply and c.left() == 0 then
        return ""
    end
    c.u32("argsz")
    local flags = c.flags(
        "command_flags", "feature", "feature_get", "feature_set", "feature_probe")
    local feature = flags & 0xffff
    local words = (FEATURES[feature] or ("feature " .. feature))
        .. (flags & 0x10000 ~= 0 and " get" or "") .. (flags & 0x20000 ~= 0 and " set" or "")
        .. (flags & 0x40000 ~= 0 and " probe" or "")
    if not c.ok or c.left() == 0 then
        return words
    end
    if feature == 1 then
        c.u64("migration_flags")
    elseif feature == 2 then
        local state = c.u32("state")
        c.u32("state_fd")
        words = words .. " " .. (STATES[state] or state)
    elseif feature == 6 or feature == 7 then
        c.u64("page_size")
        local ranges = c.u32("ranges")
        c.take(4)
        for _ = 1, ranges do
            if not c.ok or c.left() < 16 then
                break
            end
            c.u64("range_iova")
            c.u64("range_length")
        end
    elseif feature == 8 then
        local iova = c.u64("range_iova")
        words = words .. " " .. hex(iova) .. "+" .. hex(c.u64("range_length"))
        c.u64("page_size")
        c.rest("bitmap")
    end
    c.rest("reserved")
    return words
end

function body.MIG_DATA_READ(c, m)
    c.u32("argsz")
    local size = c.u32("mig_size")
    if m.reply then
        add_data(c, size)
    end
    c.rest("reserved")
    return string.format("(%d)", size)
end

function body.MIG_DATA_WRITE(c, m)
    if m.reply then
        return ""
    end
    c.u32("argsz")
    local size = c.u32("mig_size")
    add_data(c, size)
    return string.format("(%d)", size)
end

function body.VM_INTERRUPT(c, m)
    return m.reply and "" or string.format("vector %d", c.u32("irq_vector"))
end

function body.DIRTY_PAGES(c, m)
    if m.reply then
        c.rest("bitmap")
        return ""
    end
    c.u32("argsz")
    local flags = c.u32("command_flags")
    while c.ok and c.left() >= 40 do
        c.u64("range_iova")
        c.u64("range_length")
        c.u64("page_size")
        c.u64("bitmap_size")
        c.take(8)
    end
    return flags == 1 and "start" or flags == 2 and "stop" or "get"
end

-- The message

local function find_request(m, pinfo)
    if m.reply then
        if not pinfo.visited then
            local request = open[m.key]
            if request then
                open[m.key] = nil
                request.reply = pinfo.number
                asked[pinfo.number] = request
                answered[request.number] = request
            end
        end
        return asked[pinfo.number]
    end
    if not pinfo.visited and not m.no_reply then
        open[m.key] = {
            number = pinfo.number, time = time_of().value, command = m.command,
        }
    end
    return nil
end

local function dissect_message(tvb, pinfo, root, m)
    local tree = root:add(proto, tvb(), "vfio-user message")
    if tvb:len() < 16 then
        tree:add_proto_expert_info(short)
        return "message of " .. tvb:len() .. " bytes"
    end
    local commands = m.legacy and LEGACY_COMMANDS or COMMANDS
    local id = tvb(0, 2):le_uint()
    local flags = tvb(8, 4):le_uint()
    m.command = tvb(2, 2):le_uint()
    m.reply = flags & 0xf == 1
    m.no_reply = flags & 0x10 ~= 0
    local from_device = m.direction == 1
    local asker = from_device ~= m.reply and "device" or "client"
    m.stream = device() .. ":" .. m.session
    m.key = string.format("%s:%s:%s:%d", m.stream, asker, tostring(m.twin), id)
    local request = find_request(m, pinfo)
    if request then
        m.command = request.command -- replies of 2021 have 0
        m.request_place = request.place
    end
    local name = commands[m.command] or ("command " .. m.command)

    tree:add_le(f.id, tvb(0, 2))
    tree:add_le(m.legacy and f.legacy_cmd or f.cmd, tvb(2, 2))
    tree:add(f.name, tvb(2, 2), name):set_generated()
    tree:add_le(f.size, tvb(4, 4))
    local branch = tree:add_le(f.flags, tvb(8, 4))
    branch:add_le(f.type, tvb(8, 4))
    branch:add_le(f.no_reply, tvb(8, 4))
    branch:add_le(f.is_error, tvb(8, 4))
    tree:add_le(f.errno, tvb(12, 4))

    if request then
        tree:add(f.request, request.number):set_generated()
        tree:add(f.time, time_of().value - request.time):set_generated()
    elseif m.reply then
        tree:add_proto_expert_info(unanswered)
    elseif answered[pinfo.number] then
        tree:add(f.response, answered[pinfo.number].reply):set_generated()
    end

    local words = ""
    if flags & 0x20 ~= 0 then
        local errno = tvb(12, 4):le_uint()
        words = ERRNOS[errno] or ("errno " .. errno)
        tree:add_proto_expert_info(refused, words)
        if tvb:len() > 16 then
            tree:add(f.reserved, tvb(16))
        end
    elseif body[name] then
        if m.reply and name == "DMA_WRITE" and tvb:len() == 16 and not m.legacy then
            narrow[m.stream] = true
        elseif m.reply and name == "DMA_READ" and tvb:len() >= 32
            and tvb(28, 4):le_uint() ~= 0 then
            narrow[m.stream] = true
        end
        local payload = tvb:len() > 16 and tvb(16):tvb() or ByteArray.new():tvb("No payload")
        words = body[name](cursor(payload, tree), m)
        if m.place and not m.reply and open[m.key] then
            open[m.key].place = m.place
        end
    else
        tree:add_proto_expert_info(unknown)
        if tvb:len() > 16 then
            tree:add(f.data, tvb(16))
        end
    end
    return name .. (m.reply and " reply" or "") .. (words ~= "" and " " .. words or "")
end

-- The other kinds of packet

local function learn_registers(text)
    local known = {}
    for region, offset, width, name in text:gmatch("(%d+) (%d+) (%d+) (%g+)") do
        region = tonumber(region)
        known[region] = known[region] or {}
        table.insert(known[region],
            { offset = tonumber(offset), width = tonumber(width), name = name })
    end
    registers[device()] = known
end

function proto.dissector(tvb, pinfo, root)
    if tvb:len() < 16 or tvb(0, 4):string() ~= "vfu1" then
        return 0
    end
    pinfo.cols.protocol = "vfio-user"
    local kind = tvb(4, 1):uint()
    local flags = tvb(6, 1):uint()
    local m = {
        direction = tvb(5, 1):uint(), twin = flags & 1 ~= 0, legacy = flags & 2 ~= 0,
        session = tvb(8, 4):le_uint(),
    }
    local count = tvb(12, 4):le_uint()
    local start = 16 + 16 * count
    local tree = root:add(proto, tvb(0, math.min(start, tvb:len())), "vfio-user capture")
    tree:add(f.kind, tvb(4, 1))
    tree:add(f.direction, tvb(5, 1))
    tree:add(f.twin, tvb(6, 1))
    tree:add(f.legacy, tvb(6, 1))
    tree:add_le(f.session, tvb(8, 4))
    local fds = tree:add_le(f.fds, tvb(12, 4))
    if count > 253 or start > tvb:len() then
        tree:add_proto_expert_info(short)
        return tvb:len()
    end
    for i = 0, count - 1 do
        local fd = fds:add(f.fd_kind, tvb(16 + 16 * i, 1))
        fd:add_le(f.fd_size, tvb(24 + 16 * i, 8))
    end
    pinfo.cols.src = m.direction == 0 and "client" or "device"
    pinfo.cols.dst = m.direction == 0 and "device" or "client"

    local left = tvb:len() - start
    local words = KINDS[kind] or ("kind " .. kind)
    if kind == 0 and left > 0 then
        words = dissect_message(tvb(start):tvb(), pinfo, root, m)
        if count > 0 then
            words = words .. string.format(" [%d fd]", count)
        end
        if m.twin then
            words = words .. " twin"
        end
    elseif kind == 1 and left >= 8 then
        tree:add_le(f.address, tvb(start, 8))
        words = words .. " " .. hex(tvb(start, 8):le_uint64())
        if left > 8 then
            tree:add(f.memory, tvb(start + 8))
        end
    elseif kind == 2 and left >= 8 then
        tree:add_le(f.irq, tvb(start, 4))
        tree:add_le(f.irq_vector, tvb(start + 4, 4))
        words = string.format("interrupt %s.%d", irq_name(tvb(start, 4):le_uint()),
            tvb(start + 4, 4):le_uint())
    elseif kind == 3 and left > 0 then
        local text = tvb(start):string()
        learn_registers(text)
        tree:add(f.names, tvb(start))
    elseif kind == 4 and left > 0 then
        tree:add(f.reason, tvb(start))
        words = words .. ": " .. tvb(start):string()
    end
    pinfo.cols.info = words
    return tvb:len()
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, proto)
