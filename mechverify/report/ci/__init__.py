"""Reports for machines that run mechverify: test results, findings in code, annotations."""
