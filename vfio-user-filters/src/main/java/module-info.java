/// Filters that stand around a device: [io.vfiouser.filters.FilteredDevice] is the device with
/// them, each [io.vfiouser.filters.DeviceFilter] can be switched on and off while clients are
/// there, and is found by name through [io.vfiouser.filters.FilterProvider].
module io.vfiouser.filters {
    uses io.vfiouser.filters.FilterProvider;

    requires transitive io.vfiouser.device;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires static com.google.errorprone.annotations;

    exports io.vfiouser.filters;

    provides io.vfiouser.filters.FilterProvider with
            io.vfiouser.filters.StandardFilters;
}
