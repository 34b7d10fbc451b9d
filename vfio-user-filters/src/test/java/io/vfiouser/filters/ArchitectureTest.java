package io.vfiouser.filters;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.vfiouser.testsupport.PackageRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = PackageRules.classesOf("io.vfiouser.filters");

    @Test
    void packagesHaveNoCycles() {
        PackageRules.checkNoPackageCycles(CLASSES);
    }

    @Test
    void nativeAccessStaysBehindTheDoor() {
        PackageRules.checkNativeDoor(CLASSES);
    }

    @Test
    void filtersKnowNeitherNettyNorTheServer() {
        PackageRules.checkNoUseOf("io.netty", CLASSES);
        PackageRules.checkNoUseOf("io.vfiouser.server", CLASSES);
        PackageRules.checkNoUseOf("io.vfiouser.protocol", CLASSES);
    }
}
