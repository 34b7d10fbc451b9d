package io.vfiouser.codec;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.vfiouser.os.Errno;
import io.vfiouser.testsupport.PackageRules;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    private static final JavaClasses CLASSES = PackageRules.classesOf("io.vfiouser");

    @Test
    void packagesFormNoCycle() {
        PackageRules.checkNoPackageCycles(CLASSES);
    }

    @Test
    void onlyTheNativeDoorUsesForeignFunctions() {
        PackageRules.checkNativeDoor(CLASSES);
    }

    @Test
    void protocolUsesNothingOfOursButErrno() {
        noClasses()
                .that()
                .resideInAPackage("io.vfiouser.protocol")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.vfiouser..")
                                .and(resideOutsideOfPackage("io.vfiouser.protocol"))
                                .and(not(type(Errno.class))))
                .check(CLASSES);
    }

    @Test
    void transportKnowsNoMessages() {
        JavaClasses transport = PackageRules.classesOf("io.vfiouser.transport");
        PackageRules.checkNoUseOf("io.vfiouser.protocol", transport);
        PackageRules.checkNoUseOf("io.vfiouser.codec", transport);
    }
}
