@{
    RootModule        = 'Sluice.psm1'
    ModuleVersion     = '0.1.0'
    GUID              = '6f0c2d4e-8a5b-4b0e-9c1d-2f7a3e5d1b90'
    Author            = 'Sluice'
    Description       = 'The cmdlets of Delivery Optimization for Sluice, over the sluice command'
    PowerShellVersion = '5.1'
    FunctionsToExport = @(
        'Get-DeliveryOptimizationStatus',
        'Get-DeliveryOptimizationPerfSnap',
        'Get-DeliveryOptimizationPerfSnapThisMonth',
        'Get-DeliveryOptimizationLog',
        'Get-DeliveryOptimizationLogAnalysis',
        'Set-DeliveryOptimizationStatus',
        'Delete-DeliveryOptimizationCache',
        'Test-DeliveryOptimization',
        'Get-DOConfig',
        'Get-DODownloadMode',
        'Get-DOPercentageMaxBackgroundBandwidth',
        'Get-DOPercentageMaxForegroundBandwidth',
        'Get-DOMaxBackgroundBandwidth',
        'Get-DOMaxForegroundBandwidth',
        'Set-DODownloadMode',
        'Set-DOMaxBackgroundBandwidth',
        'Set-DOMaxForegroundBandwidth',
        'Set-DOPercentageMaxBackgroundBandwidth',
        'Set-DOPercentageMaxForegroundBandwidth'
    )
    CmdletsToExport   = @()
    VariablesToExport = @()
    AliasesToExport   = @()
}
